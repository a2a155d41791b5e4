/** What `HttpClient.followRedirects` sends to another host of an `authorization` header: nothing, in Effect 4. */
export const sentOn = (_header: string): string | undefined => undefined
