export class ServerNodes {
  static start(commands: readonly string[], connectionString: string): Promise<ServerNodes>;
  readonly url: string;
  close(): Promise<void>;
}

export function originsOf(connectionString: string): string[];
