/** Numbers of the fields of messages in the server's shared.proto that are both sent and read, and of an entry of a map. */
export const UUID = { text: 2 } as const;
export const IDENTIFIER = { name: 3 } as const;
export const ENTRY = { key: 1, value: 2 } as const;
