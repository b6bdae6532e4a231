import { type Fields, fill, typeOf } from './template.ts';

/**
 * Services that people here have on their phones, by their public documents: what each is sent, and how it says no. None was
 * tried with an account; a test plays each from what its document says.
 */

export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface Answer {
  readonly status: number;
  /** At most some thousand characters. */
  readonly body: string;
}

export interface Preset {
  readonly id: 'fonnte' | 'telegram' | 'ntfy';
  readonly label: string;
  /** Where the user has no server of his own. */
  readonly server: string;
  readonly needsToken: boolean;
  readonly needsTo: boolean;
  /** What a token of it looks like, as far as its document says. */
  readonly token: RegExp;
  /** `server` is without a slash at its end. */
  readonly request: (server: string, token: string | null, to: string | null, text: string) => Outgoing;
  /** Whether an answer with a good status code says that nothing was sent all the same. */
  readonly refuses: (answer: unknown) => boolean;
  /** What an answer gives as the reason. */
  readonly reason: (answer: unknown) => unknown;
}

const field = (answer: unknown, name: string): unknown =>
  typeof answer === 'object' && answer !== null && name in answer
    ? (answer as Readonly<Record<string, unknown>>)[name]
    : undefined;

export const presets: readonly Preset[] = [
  {
    // https://docs.fonnte.com/api-send-message/: the token stands bare in Authorization; a refusal is 200 with `"status": false`.
    id: 'fonnte',
    label: 'Fonnte',
    server: 'https://api.fonnte.com',
    needsToken: true,
    needsTo: true,
    token: /^[\x21-\x7e]+$/,
    request: (server, token, to, text) => ({
      method: 'POST',
      url: `${server}/send`,
      headers: { authorization: `${token}`, 'content-type': typeOf.form },
      body: new URLSearchParams({ target: `${to}`, message: text, countryCode: '62' }).toString(),
    }),
    refuses: (answer) => field(answer, 'status') !== true,
    reason: (answer) => field(answer, 'reason') ?? field(answer, 'detail'),
  },
  {
    // https://core.telegram.org/bots/api#making-requests: every answer is JSON with `ok`, a refusal has `description`.
    id: 'telegram',
    label: 'Telegram',
    server: 'https://api.telegram.org',
    needsToken: true,
    needsTo: true,
    token: /^\d+:[\w-]+$/,
    request: (server, token, to, text) => ({
      method: 'POST',
      url: `${server}/bot${token}/sendMessage`,
      headers: { 'content-type': typeOf.json },
      body: JSON.stringify({ chat_id: to, text }),
    }),
    refuses: (answer) => field(answer, 'ok') !== true,
    reason: (answer) => field(answer, 'description'),
  },
  {
    // https://docs.ntfy.sh/publish/: the body is the message; a refusal has another status code, and `error` in its JSON.
    id: 'ntfy',
    label: 'ntfy',
    server: 'https://ntfy.sh',
    needsToken: false,
    needsTo: true,
    token: /^[\x21-\x7e]+$/,
    request: (server, token, to, text) => ({
      method: 'POST',
      url: to === null ? server : `${server}/${encodeURIComponent(to)}`,
      headers: {
        'content-type': typeOf.plain,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: text,
    }),
    // What is no ntfy answers 200 as well, a page of a login for one.
    refuses: (answer) => typeof field(answer, 'id') !== 'string',
    reason: (answer) => field(answer, 'error'),
  },
];

/** The text of a message by the user's own template, or the whole one. */
export const textOf = (template: string | null, fields: Fields): string =>
  template === null ? fields.text : fill(template.replaceAll('\\n', '\n'), fields, 'plain');
