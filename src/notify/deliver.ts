import { EfakturError, nodeCode } from '../base/errors.ts';
import { type Text, verbatim } from '../base/text.ts';
import { readCaFile } from '../store/ca-file.ts';
import { byConnection } from '../store/connection-errors.ts';
import { openTransport } from '../store/http-transport.ts';
import { watchOperation } from '../store/idle-watch.ts';
import { proxiesIn } from '../store/proxies.ts';
import type { Answer, Outgoing } from './presets.ts';
import {
  answeredWith,
  checkAddress,
  checkAddressAndToken,
  checkNetworkAndAddress,
  noAnswerInTime,
  nothingSaid,
  redirected,
  refused,
  theService,
  tryLater,
  wait,
  writeNewAddress,
} from './texts.ts';

/** One request to a service of the user's, over the proxy and with the certificates that stores are reached with. */

/** Longer than this nobody waits for: the run is over, and its lock is held. */
export const timeLimitMs = 10_000;
/** Of an answer as much is read. */
const answerBytes = 16 << 10;

export interface Way {
  readonly connectionEnv: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
  readonly version: string;
  readonly timeLimitMs?: number;
}

/** Why something was not delivered: without the address, and without what is secret of the settings. */
export interface Undelivered {
  readonly because: Text;
  readonly hint: Text;
}

interface Judge {
  refusal(answer: Answer): { readonly reason: unknown } | null;
  secrets(): readonly string[];
}

/** Null once the service has taken it. Never follows to another address, and never throws but for a bug. */
export async function deliver(outgoing: Outgoing, judge: Judge, way: Way): Promise<Undelivered | null> {
  let answer: Answer;
  try {
    answer = await exchange(outgoing, way);
  } catch (error) {
    if (error instanceof EfakturError) return { because: error.text, hint: error.hint };
    const meaning = byConnection(error, { tried: theService, endpoint: null });
    if (meaning === null) throw error;
    // What is said of certificates fits here as well; of names and connections it speaks of a store.
    const isOfCertificate = meaning.code === 'usage' || /^CERT_/.test(nodeCode(error) ?? '');
    return { because: meaning.because, hint: isOfCertificate ? meaning.hint : checkNetworkAndAddress };
  }
  const { status } = answer;
  if (status >= 300 && status < 400) return { because: redirected(status), hint: writeNewAddress };
  const isGood = status >= 200 && status < 300;
  const refusal = judge.refusal(answer);
  if (isGood && refusal === null) return null;
  const reason = refusal === null ? null : shownReason(refusal.reason, judge.secrets());
  if (isGood) return { because: refused(reason ?? nothingSaid), hint: checkAddressAndToken };
  const hint =
    status === 429 ? wait : status >= 500 ? tryLater : status === 404 ? checkAddress : checkAddressAndToken;
  return { because: answeredWith(status, reason), hint };
}

/** What a service says, where it is a short sentence that repeats nothing of what was sent. */
function shownReason(reason: unknown, secrets: readonly string[]): Text | null {
  if (typeof reason !== 'string' || !/^[\w .,:;'()/-]{1,120}$/.test(reason)) return null;
  const said = reason.toLowerCase();
  const isSecret = secrets.some((one) =>
    one
      .toLowerCase()
      .split(/[^\w-]+/)
      .some((word) => word.length >= 4 && said.includes(word)),
  );
  return isSecret ? null : verbatim(reason);
}

async function exchange({ method, url: address, headers, body }: Outgoing, way: Way): Promise<Answer> {
  const { connectionEnv, platform, version } = way;
  const caFile = connectionEnv.AWS_CA_BUNDLE;
  const proxies = proxiesIn(connectionEnv);
  const caBundle = caFile === undefined ? null : await readCaFile(caFile);
  const limit = new AbortController();
  const timer = setTimeout(() => {
    limit.abort(new EfakturError('store-unavailable', noAnswerInTime, tryLater));
  }, way.timeLimitMs ?? timeLimitMs);
  const operation = watchOperation('', 2 * timeLimitMs, { signal: limit.signal });
  const transport = openTransport({ proxies, caBundle, platform });
  const url = new URL(address);
  const bytes = body === null ? undefined : Buffer.from(body);
  try {
    const answer = await operation.orStopped(
      transport.send(
        {
          method,
          protocol: url.protocol,
          hostname: url.hostname,
          port: url.port === '' ? undefined : Number(url.port),
          path: url.pathname + url.search,
          query: {},
          headers: {
            host: url.host,
            'user-agent': `efaktur-cloud/${version}`,
            accept: '*/*',
            ...(method === 'GET' ? {} : { 'content-length': String(bytes?.length ?? 0) }),
            ...headers,
          },
          body: bytes,
          signal: operation.signal,
          onSent() {},
          onReceived() {},
          asBodyError: (error) => (error instanceof Error ? error : new Error('cut', { cause: error })),
        },
        operation,
      ),
    );
    return { status: answer.statusCode, body: await operation.orStopped(beginning(answer.body)) };
  } finally {
    clearTimeout(timer);
    operation.end();
    transport.close();
  }
}

/** What was said until the line was cut is enough: the status counts. */
async function beginning(body: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      size += piece.length;
      if (size >= answerBytes) break;
    }
  } catch (error) {
    if (nodeCode(error) === null) throw error;
  }
  return Buffer.concat(pieces).subarray(0, answerBytes).toString('utf8');
}
