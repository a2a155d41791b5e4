import type { Target } from "../target.ts"
import answers from "./answers.ts"
import { commandLine, quotedWords } from "./commandLine.ts"
import config from "./config.ts"
import configEdit from "./configEdit.ts"
import { damagedIni, iniValues } from "./ini.ts"
import json from "./json.ts"
import programs from "./programs.ts"
import { echoedSecrets, serverErrors } from "./serverText.ts"
import { sessionFiles, storedSessions } from "./storedSessions.ts"
import { anyTimes, writtenTimes } from "./times.ts"
import tokens from "./tokens.ts"

export const targets: ReadonlyArray<Target> = [
  config,
  configEdit,
  damagedIni,
  answers,
  programs,
  tokens,
  iniValues,
  commandLine,
  quotedWords,
  anyTimes,
  writtenTimes,
  json,
  echoedSecrets,
  serverErrors,
  storedSessions,
  sessionFiles
]
