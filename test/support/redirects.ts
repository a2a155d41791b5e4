/** What `HttpClient.followRedirects` sends to another host of an `authorization` header. */
export const sentOn = (header: string): string | undefined => header
