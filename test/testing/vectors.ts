/** Test vectors of signature version 1.0. The first is the published one. */
export const rpcVectors = [
  {
    name: "V0",
    method: "GET",
    secret: "testsecret",
    params: {
      Timestamp: "2016-02-23T12:46:24Z",
      Format: "XML",
      AccessKeyId: "testid",
      Action: "DescribeRegions",
      SignatureMethod: "HMAC-SHA1",
      SignatureNonce: "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
      Version: "2014-05-26",
      SignatureVersion: "1.0"
    },
    canonical:
      "AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0&Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26",
    stringToSign:
      "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26",
    signature: "OLeaidS1JvxuMvnyHOwuJ+uX5qY="
  },
  {
    name: "V1",
    method: "POST",
    secret: "ExampleSecretV1AbCdEf0123456789",
    params: {
      Action: "AssumeRole",
      Format: "JSON",
      Version: "2015-04-01",
      SignatureMethod: "HMAC-SHA1",
      SignatureVersion: "1.0",
      AccessKeyId: "LTAI5tExampleKeyId01",
      Timestamp: "2026-01-02T03:04:05Z",
      SignatureNonce: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
      DurationSeconds: "3600",
      RoleArn: "acs:ram::123456789012****:role/adminrole",
      RoleSessionName: "credentials-ts-1767323045",
      Policy: "{\"Statement\": [{\"Action\": [\"*\"],\"Effect\": \"Allow\",\"Resource\": [\"*\"]}],\"Version\":\"1\"}"
    },
    canonical:
      "AccessKeyId=LTAI5tExampleKeyId01&Action=AssumeRole&DurationSeconds=3600&Format=JSON&Policy=%7B%22Statement%22%3A%20%5B%7B%22Action%22%3A%20%5B%22%2A%22%5D%2C%22Effect%22%3A%20%22Allow%22%2C%22Resource%22%3A%20%5B%22%2A%22%5D%7D%5D%2C%22Version%22%3A%221%22%7D&RoleArn=acs%3Aram%3A%3A123456789012%2A%2A%2A%2A%3Arole%2Fadminrole&RoleSessionName=credentials-ts-1767323045&SignatureMethod=HMAC-SHA1&SignatureNonce=0f1e2d3c4b5a69788796a5b4c3d2e1f0&SignatureVersion=1.0&Timestamp=2026-01-02T03%3A04%3A05Z&Version=2015-04-01",
    stringToSign:
      "POST&%2F&AccessKeyId%3DLTAI5tExampleKeyId01%26Action%3DAssumeRole%26DurationSeconds%3D3600%26Format%3DJSON%26Policy%3D%257B%2522Statement%2522%253A%2520%255B%257B%2522Action%2522%253A%2520%255B%2522%252A%2522%255D%252C%2522Effect%2522%253A%2520%2522Allow%2522%252C%2522Resource%2522%253A%2520%255B%2522%252A%2522%255D%257D%255D%252C%2522Version%2522%253A%25221%2522%257D%26RoleArn%3Dacs%253Aram%253A%253A123456789012%252A%252A%252A%252A%253Arole%252Fadminrole%26RoleSessionName%3Dcredentials-ts-1767323045%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D0f1e2d3c4b5a69788796a5b4c3d2e1f0%26SignatureVersion%3D1.0%26Timestamp%3D2026-01-02T03%253A04%253A05Z%26Version%3D2015-04-01",
    signature: "t5hmmUWzAaBFmhg0lH/LCUIaWVs="
  },
  {
    name: "V2",
    method: "GET",
    secret: "s3cr3t/+=~!*'()&密钥",
    params: {
      Action: "AssumeRole",
      Format: "JSON",
      Version: "2015-04-01",
      SignatureMethod: "HMAC-SHA1",
      SignatureVersion: "1.0",
      AccessKeyId: "STS.NTExample~Key*2",
      SecurityToken: "CAIS+tok/en==&x=y z",
      Timestamp: "2024-02-29T23:59:59Z",
      SignatureNonce: "nonce-with-dash_and.dot~tilde",
      DurationSeconds: "900",
      RoleArn: "acs:ram::1234567890123456:role/team/中文角色",
      RoleSessionName: "o'brien!(test)*@host",
      ExternalId: "a+b c%20d"
    },
    canonical:
      "AccessKeyId=STS.NTExample~Key%2A2&Action=AssumeRole&DurationSeconds=900&ExternalId=a%2Bb%20c%2520d&Format=JSON&RoleArn=acs%3Aram%3A%3A1234567890123456%3Arole%2Fteam%2F%E4%B8%AD%E6%96%87%E8%A7%92%E8%89%B2&RoleSessionName=o%27brien%21%28test%29%2A%40host&SecurityToken=CAIS%2Btok%2Fen%3D%3D%26x%3Dy%20z&SignatureMethod=HMAC-SHA1&SignatureNonce=nonce-with-dash_and.dot~tilde&SignatureVersion=1.0&Timestamp=2024-02-29T23%3A59%3A59Z&Version=2015-04-01",
    stringToSign:
      "GET&%2F&AccessKeyId%3DSTS.NTExample~Key%252A2%26Action%3DAssumeRole%26DurationSeconds%3D900%26ExternalId%3Da%252Bb%2520c%252520d%26Format%3DJSON%26RoleArn%3Dacs%253Aram%253A%253A1234567890123456%253Arole%252Fteam%252F%25E4%25B8%25AD%25E6%2596%2587%25E8%25A7%2592%25E8%2589%25B2%26RoleSessionName%3Do%2527brien%2521%2528test%2529%252A%2540host%26SecurityToken%3DCAIS%252Btok%252Fen%253D%253D%2526x%253Dy%2520z%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dnonce-with-dash_and.dot~tilde%26SignatureVersion%3D1.0%26Timestamp%3D2024-02-29T23%253A59%253A59Z%26Version%3D2015-04-01",
    signature: "2kCAV62L8NStIqVirHhl056t+W0="
  },
  {
    name: "V3",
    method: "POST",
    secret: "testsecret",
    params: {
      Action: "AssumeRole",
      Format: "JSON",
      Version: "2015-04-01",
      SignatureMethod: "HMAC-SHA1",
      SignatureVersion: "1.0",
      AccessKeyId: "testid",
      Timestamp: "2026-12-31T00:00:00Z",
      SignatureNonce: "1",
      DurationSeconds: "43200",
      RoleArn: "acs:ram::1:role/r",
      RoleSessionName: "s",
      Policy:
        "{\n  \"Version\": \"1\",\n  \"Statement\": [{\"Effect\":\"Allow\",\"Action\":\"oss:*\",\"Resource\":[\"acs:oss:*:*:桶-📦/*\"]}]\n}",
      ExternalId: ""
    },
    canonical:
      "AccessKeyId=testid&Action=AssumeRole&DurationSeconds=43200&ExternalId=&Format=JSON&Policy=%7B%0A%20%20%22Version%22%3A%20%221%22%2C%0A%20%20%22Statement%22%3A%20%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22oss%3A%2A%22%2C%22Resource%22%3A%5B%22acs%3Aoss%3A%2A%3A%2A%3A%E6%A1%B6-%F0%9F%93%A6%2F%2A%22%5D%7D%5D%0A%7D&RoleArn=acs%3Aram%3A%3A1%3Arole%2Fr&RoleSessionName=s&SignatureMethod=HMAC-SHA1&SignatureNonce=1&SignatureVersion=1.0&Timestamp=2026-12-31T00%3A00%3A00Z&Version=2015-04-01",
    stringToSign:
      "POST&%2F&AccessKeyId%3Dtestid%26Action%3DAssumeRole%26DurationSeconds%3D43200%26ExternalId%3D%26Format%3DJSON%26Policy%3D%257B%250A%2520%2520%2522Version%2522%253A%2520%25221%2522%252C%250A%2520%2520%2522Statement%2522%253A%2520%255B%257B%2522Effect%2522%253A%2522Allow%2522%252C%2522Action%2522%253A%2522oss%253A%252A%2522%252C%2522Resource%2522%253A%255B%2522acs%253Aoss%253A%252A%253A%252A%253A%25E6%25A1%25B6-%25F0%259F%2593%25A6%252F%252A%2522%255D%257D%255D%250A%257D%26RoleArn%3Dacs%253Aram%253A%253A1%253Arole%252Fr%26RoleSessionName%3Ds%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D1%26SignatureVersion%3D1.0%26Timestamp%3D2026-12-31T00%253A00%253A00Z%26Version%3D2015-04-01",
    signature: "vuBrq1YACIYuEL3upQKNQNwuafs="
  }
]

/** Test vectors of ACS3-HMAC-SHA256. The first is the published one. */
export const acs3Vectors = [
  {
    name: "A0",
    method: "POST",
    uri: "/",
    query: {
      ImageId: "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
      RegionId: "cn-shanghai"
    },
    headers: {
      host: "ecs.cn-shanghai.aliyuncs.com",
      "x-acs-action": "RunInstances",
      "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-acs-date": "2023-10-26T10:22:32Z",
      "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
      "x-acs-version": "2014-05-26"
    },
    body: "",
    ak: "YourAccessKeyId",
    sk: "YourAccessKeySecret",
    canonicalRequest:
      "POST\n/\nImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai\nhost:ecs.cn-shanghai.aliyuncs.com\nx-acs-action:RunInstances\nx-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-acs-date:2023-10-26T10:22:32Z\nx-acs-signature-nonce:3156853299f313e23d1673dc12e1703d\nx-acs-version:2014-05-26\n\nhost;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    hashedCanonicalRequest: "7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
    stringToSign: "ACS3-HMAC-SHA256\n7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259",
    signature: "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
    authorization:
      "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
  },
  {
    name: "A1",
    method: "POST",
    uri: "/",
    query: {},
    headers: {
      host: "sts.cn-hangzhou.aliyuncs.com",
      "x-acs-action": "GetCallerIdentity",
      "x-acs-version": "2015-04-01",
      "x-acs-date": "2026-01-02T03:04:05Z",
      "x-acs-signature-nonce": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
      "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-acs-accesskey-id": "STS.NTExampleKeyId",
      "x-acs-security-token": "CAIS+tok/en==",
      "x-acs-credentials-provider": "default/cli_profile/ram_role_arn/static_ak",
      accept: "application/json",
      "user-agent": "not-signed"
    },
    body: "",
    ak: "STS.NTExampleKeyId",
    sk: "ExampleSecretV1AbCdEf0123456789",
    canonicalRequest:
      "POST\n/\n\nhost:sts.cn-hangzhou.aliyuncs.com\nx-acs-accesskey-id:STS.NTExampleKeyId\nx-acs-action:GetCallerIdentity\nx-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nx-acs-credentials-provider:default/cli_profile/ram_role_arn/static_ak\nx-acs-date:2026-01-02T03:04:05Z\nx-acs-security-token:CAIS+tok/en==\nx-acs-signature-nonce:0f1e2d3c4b5a69788796a5b4c3d2e1f0\nx-acs-version:2015-04-01\n\nhost;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    hashedCanonicalRequest: "27f0a3b5202a9bf8621edc87ffb2be7c49b12a9917ceb2ddf30bb6c172d2a4f4",
    stringToSign: "ACS3-HMAC-SHA256\n27f0a3b5202a9bf8621edc87ffb2be7c49b12a9917ceb2ddf30bb6c172d2a4f4",
    signature: "0042c9aca6179939f70f11c86e89adbaedd5c570ac47f54c13b5ff621a626b00",
    authorization:
      "ACS3-HMAC-SHA256 Credential=STS.NTExampleKeyId,SignedHeaders=host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version,Signature=0042c9aca6179939f70f11c86e89adbaedd5c570ac47f54c13b5ff621a626b00"
  },
  {
    name: "A2",
    method: "POST",
    uri: "/",
    query: {
      Filter: "a b*~+中",
      Empty: ""
    },
    headers: {
      host: "sts.aliyuncs.com",
      "x-acs-action": "AssumeRole",
      "x-acs-version": "2015-04-01",
      "x-acs-date": "2024-02-29T23:59:59Z",
      "x-acs-signature-nonce": "n-2",
      "x-acs-content-sha256": "9dd797b75986c9fba51be350dab2d5727aff2dcd280e9e3d9fdc243b157fd4be",
      "content-type": "application/x-www-form-urlencoded"
    },
    body:
      "DurationSeconds=3600&Policy=%7B%22Statement%22%3A%20%5B%7B%22Action%22%3A%20%5B%22%2A%22%5D%2C%22Effect%22%3A%20%22Allow%22%2C%22Resource%22%3A%20%5B%22%2A%22%5D%7D%5D%2C%22Version%22%3A%221%22%7D&RoleArn=acs%3Aram%3A%3A1234567890123456%3Arole%2Fteam%2F%E4%B8%AD%E6%96%87%E8%A7%92%E8%89%B2&RoleSessionName=o%27brien%21%28test%29%2A~",
    ak: "LTAI5tExampleKeyId01",
    sk: "s3cr3t/+=~!*'()&密钥",
    canonicalRequest:
      "POST\n/\nEmpty=&Filter=a%20b%2A~%2B%E4%B8%AD\ncontent-type:application/x-www-form-urlencoded\nhost:sts.aliyuncs.com\nx-acs-action:AssumeRole\nx-acs-content-sha256:9dd797b75986c9fba51be350dab2d5727aff2dcd280e9e3d9fdc243b157fd4be\nx-acs-date:2024-02-29T23:59:59Z\nx-acs-signature-nonce:n-2\nx-acs-version:2015-04-01\n\ncontent-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version\n9dd797b75986c9fba51be350dab2d5727aff2dcd280e9e3d9fdc243b157fd4be",
    hashedCanonicalRequest: "63fbc3d2b8134f040dbeb77434bbcbadfd59c5b30cd8646cd2e80f6a1f6556a7",
    stringToSign: "ACS3-HMAC-SHA256\n63fbc3d2b8134f040dbeb77434bbcbadfd59c5b30cd8646cd2e80f6a1f6556a7",
    signature: "dc6a74a38319009b27316d05f168db2c9b5d5c5753e18126b874835e008e7a51",
    authorization:
      "ACS3-HMAC-SHA256 Credential=LTAI5tExampleKeyId01,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=dc6a74a38319009b27316d05f168db2c9b5d5c5753e18126b874835e008e7a51"
  },
  {
    name: "A3",
    method: "PUT",
    uri: "/clusters/c%20x/%E8%8A%82%E7%82%B9",
    query: {},
    headers: {
      Host: "cs.cn-hangzhou.aliyuncs.com",
      "X-Acs-Action": "CreateThing",
      "X-Acs-Version": "2015-12-15",
      "X-Acs-Date": "2026-06-30T12:00:00Z",
      "X-Acs-Signature-Nonce": "n3",
      "X-Acs-Content-Sha256": "76fd0bd7ac71f77bbaa98447fbc83d1a9342be4e882b896ee3c6480cde730a25",
      "Content-Type": " application/json; charset=utf-8 "
    },
    body: "{\"name\":\"桶-📦\",\"n\":1}",
    ak: "AK",
    sk: "SK",
    canonicalRequest:
      "PUT\n/clusters/c%20x/%E8%8A%82%E7%82%B9\n\ncontent-type:application/json; charset=utf-8\nhost:cs.cn-hangzhou.aliyuncs.com\nx-acs-action:CreateThing\nx-acs-content-sha256:76fd0bd7ac71f77bbaa98447fbc83d1a9342be4e882b896ee3c6480cde730a25\nx-acs-date:2026-06-30T12:00:00Z\nx-acs-signature-nonce:n3\nx-acs-version:2015-12-15\n\ncontent-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version\n76fd0bd7ac71f77bbaa98447fbc83d1a9342be4e882b896ee3c6480cde730a25",
    hashedCanonicalRequest: "833c51e6cd248bf66e6a20fd83e9091434b607480e36ef7ca1dc44a6eabb67b6",
    stringToSign: "ACS3-HMAC-SHA256\n833c51e6cd248bf66e6a20fd83e9091434b607480e36ef7ca1dc44a6eabb67b6",
    signature: "2662975148ed8fc57f525dd4817b32cb0db7807f2b2010148d9c0d03a6cde08c",
    authorization:
      "ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=2662975148ed8fc57f525dd4817b32cb0db7807f2b2010148d9c0d03a6cde08c"
  }
]
