import { type PassingAnswer, type PassingRequest, withText } from './rewriting-proxy.ts';

/** What can befall a request to an S3 service. */
export interface HttpFault {
  /** Null when it cannot befall this request. */
  befall(asked: PassingRequest, pass: () => Promise<PassingAnswer>): Promise<PassingAnswer | null>;
  /** It befalls every request from then on. */
  readonly isForEver?: boolean;
  /** Exit codes that are right for a command whose request it befell once. */
  readonly codes: readonly number[];
}

const xmlError = (status: number, code: string): PassingAnswer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`),
});

const isList = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && url.searchParams.has('prefix');
const isObject = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && url.search.includes('x-id=GetObject');

const altered = async (pass: () => Promise<PassingAnswer>): Promise<PassingAnswer> => {
  const answer = await pass();
  const body = Buffer.from(answer.body);
  const at = Math.floor(body.length / 2);
  if (body.length > 0) body[at] = (body[at] ?? 0) ^ 1;
  return { ...answer, body };
};

export const httpFaults: Readonly<Record<string, HttpFault>> = {
  'refused before it took effect': { befall: async () => xmlError(503, 'SlowDown'), codes: [0] },
  'cut before it took effect': {
    befall: () => Promise.reject(new Error('cut')),
    codes: [0],
  },
  'cut after it took effect': {
    async befall(_, pass) {
      await pass();
      throw new Error('cut');
    },
    codes: [0],
  },
  'cut in the middle of the answer': {
    async befall(_, pass) {
      const answer = await pass();
      return answer.body.length < 2 ? null : { ...answer, cutAfter: Math.floor(answer.body.length / 2) };
    },
    codes: [0],
  },
  'wrong bytes': {
    befall: async (asked, pass) => (isObject(asked) ? altered(pass) : null),
    codes: [0, 10],
  },
  'a short body that looks whole': {
    async befall(asked, pass) {
      if (!isObject(asked) && !isList(asked)) return null;
      const answer = await pass();
      return { ...answer, body: answer.body.subarray(0, Math.floor(answer.body.length / 2)) };
    },
    codes: [0, 10],
  },
  'a stale listing': {
    async befall(asked, pass) {
      if (!isList(asked)) return null;
      // As it was before there was anything.
      return withText(await pass(), (text) =>
        text
          .replace(/<(Contents|Version)>.*<\/\1>/s, '')
          .replace(/true(?=<\/IsTruncated>)/, 'false')
          .replace(/<KeyCount>\d+/, '<KeyCount>0'),
      );
    },
    // No backup, or not the newest that this PC pushed.
    codes: [0, 4, 10, 20],
  },
  'a listing with a wrong letter': {
    async befall(asked, pass) {
      if (!isList(asked)) return null;
      return withText(await pass(), (text) =>
        // The last digit of the tag of the first backup.
        text.replace(/([0-9a-f])(?=\.(?:json|diff|tar)[^<]*<\/Key>)/, (digit) => (digit === '0' ? '1' : '0')),
      );
    },
    codes: [0, 10, 20],
  },
  'a service that is gone from then on': {
    befall: () => Promise.reject(new Error('cut')),
    isForEver: true,
    codes: [0, 10],
  },
};
