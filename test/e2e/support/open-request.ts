import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import type { LedgerClient, Loose } from './ledger-client.js';

/** A POST that the server has begun to read, and that waits for the rest of its body. */
export class OpenRequest {
  private constructor(
    private readonly call: ClientRequest,
    private readonly answered: Promise<IncomingMessage>,
    private readonly body: string,
  ) {}

  /** Resolves when the server has said that it has the head of the request and wants the body. */
  static async begin(client: LedgerClient, path: string, body: object): Promise<OpenRequest> {
    const text = JSON.stringify(body);
    const call = request(client.url + path, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${client.token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        expect: '100-continue',
      },
    });
    const answered = once(call, 'response').then(([response]) => response as IncomingMessage);
    answered.catch(() => undefined);
    const wanted = once(call, 'continue');
    call.flushHeaders();
    await wanted;
    return new OpenRequest(call, answered, text);
  }

  /** Sends the body and reads the whole answer. */
  async finish(): Promise<{ status: number; body: Loose }> {
    this.call.end(this.body);
    const response = await this.answered;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  }
}
