import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { byUtf8 } from '../../src/base/file-set.ts';
import { readAhead } from '../../src/store/read-ahead.ts';
import { retrying } from '../../src/store/retrying.ts';
import { readObject } from '../../src/store/small-object.ts';
import type { ListOptions, ObjectStore } from '../../src/store/store.ts';
import { makeBucket, openS3With, type TestBucket } from '../support/minio.ts';
import {
  type PassingAnswer,
  type PassingRequest,
  type Rewrite,
  type RewritingProxy,
  rewritingProxy,
  withText,
} from '../support/rewriting-proxy.ts';
import { bodyOf, listed, readAll } from './contract.ts';

/** Services as they are: MinIO behind a proxy that answers as others were seen to. */

let bucket: TestBucket;
let proxy: RewritingProxy;
/** Its keys begin with `a+b c/`, and one prefix beside it differs in the plus alone. */
let store: ObjectStore;
const stores: ObjectStore[] = [];

const keys = Array.from({ length: 2150 }, (_, i) => `k/${String(i).padStart(5, '0')}.json`);
/** The newest three of each of these: more versions of one key than lie on the rest of a page. */
const overwritten = ['k/00998.json', 'k/00999.json', 'k/01001.json'];
const versionsOf = 5;

function open(prefix: string): ObjectStore {
  const inner = openS3With({
    url: `s3://${bucket.bucket}/${prefix}`,
    bucket: bucket.bucket,
    prefix,
    endpoint: proxy.endpoint,
    idleTimeoutMs: 20_000,
  });
  const opened = retrying(inner, { idleTimeoutMs: 20_000, maxPutBytes: 5 << 20, firstDelayMs: 1 });
  stores.push(opened);
  return opened;
}

beforeAll(async () => {
  bucket = await makeBucket({ versioning: true });
  proxy = await rewritingProxy(bucket.endpoint);
  store = open('a+b c');
  const left = keys.values();
  const work = async (): Promise<void> => {
    for (const key of left) await store.put(key, bodyOf(Buffer.from(key)));
  };
  await Promise.all(Array.from({ length: 16 }, work));
  for (const key of overwritten)
    for (let n = 1; n < versionsOf; n++) await store.put(key, bodyOf(Buffer.from(`${key} ${n}`)));
  await open('a b c').put('other', bodyOf(Buffer.from('x')));
});

afterEach(() => {
  proxy.rewrite = (_, pass) => pass();
});

afterAll(async () => {
  for (const one of stores) one.close();
  bucket?.client.destroy();
  await proxy?.close();
});

const keysIn = async (from: ListOptions = {}, prefix = ''): Promise<string[]> =>
  (await listed(store, prefix, from)).map(({ key }) => key);

/** With every version of a key, the key once for each. */
const allVersions = keys.flatMap((key) =>
  overwritten.includes(key) ? Array.from({ length: versionsOf }, () => key) : [key],
);

const isList = ({ method, url }: PassingRequest): boolean =>
  method === 'GET' && url.searchParams.has('prefix');
const isVersions = ({ url }: PassingRequest): boolean => url.searchParams.has('versions');
const isSecond = ({ url }: PassingRequest): boolean => url.searchParams.get('list-type') === '2';

const listRewrite =
  (change: (text: string, asked: PassingRequest) => string): Rewrite =>
  async (asked, pass) => {
    const answer = await pass();
    return isList(asked) ? withText(answer, (text) => change(text, asked)) : answer;
  };

const without = (text: string, ...names: string[]): string =>
  names.reduce((rest, name) => rest.replace(new RegExp(`<${name}>[^<]*</${name}>`, 'g'), ''), text);

/** Puts each text of these elements through a function. */
const inElements = (text: string, names: string, change: (inner: string) => string): string =>
  text.replace(
    new RegExp(`<(${names})>([^<]*)</\\1>`, 'g'),
    (_, name, inner) => `<${name}>${change(inner)}</${name}>`,
  );

const decoded = (text: string): string =>
  decodeURIComponent(text.replaceAll('+', ' ')).replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The answer of another question: the first one of its kind, again and again. */
function repeating(when: (asked: PassingRequest) => boolean): Rewrite {
  const first = new Map<string, PassingAnswer>();
  return async (asked, pass) => {
    if (!isList(asked) || !when(asked)) return pass();
    const kind = `${isVersions(asked)} ${isSecond(asked)}`;
    const known = first.get(kind) ?? (await pass());
    first.set(kind, known);
    return known;
  };
}

const isTokened = ({ url }: PassingRequest): boolean =>
  url.searchParams.has('continuation-token') || url.searchParams.has('version-id-marker');

/** Ways to list that lose nothing: the listing is whole all the same. */
const services: [string, () => Rewrite][] = [
  ['as it should be', () => (_, pass) => pass()],
  ['no marker where there is more', () => listRewrite((text) => without(text, 'Next\\w+'))],
  [
    'markers that lead to the first page again',
    () => repeating((asked) => isTokened(asked) || !asked.url.searchParams.has('start-after')),
  ],
  [
    'markers that are not encoded, though the keys are',
    () => listRewrite((text) => inElements(text, 'NextKeyMarker|KeyMarker', decoded)),
  ],
  [
    'keys that are not encoded, and nobody says so',
    () =>
      listRewrite((text) =>
        inElements(without(text, 'EncodingType'), 'Key|NextKeyMarker|KeyMarker|Prefix', decoded),
      ),
  ],
  [
    'keys that are not encoded under the word that they are',
    () => listRewrite((text) => inElements(text, 'Key|NextKeyMarker', decoded)),
  ],
  [
    'keys that are encoded without a word, slashes too',
    () =>
      listRewrite((text) =>
        inElements(without(text, 'EncodingType'), 'Key|NextKeyMarker|Prefix', (inner) =>
          encodeURIComponent(decoded(inner)),
        ),
      ),
  ],
  [
    'blanks as %20 and a plus as itself',
    () =>
      listRewrite((text) =>
        inElements(text, 'Key|NextKeyMarker|Prefix', (inner) =>
          inner.replaceAll('+', '%20').replaceAll('%2B', '+'),
        ),
      ),
  ],
  [
    'the marker itself comes again',
    () => {
      let last = '';
      return listRewrite((text, { url }) => {
        const entries = text.match(/<(Contents|Version)>.*?<\/\1>/gs) ?? [];
        const again = last;
        last = entries.at(-1) ?? '';
        const isNext = isTokened({ url } as PassingRequest);
        return isNext ? text.replace(/<(Contents|Version)>/, (begin) => `${again}${begin}`) : text;
      });
    },
  ],
];

describe.each(services)('a service with %s', (_, make) => {
  test('is listed whole, after any key, and below any prefix', async () => {
    proxy.rewrite = make();
    expect(await keysIn()).toEqual(keys);
    proxy.rewrite = make();
    const startAfter = 'k/00499x';
    expect(await keysIn({ startAfter }, 'k/')).toEqual(keys.filter((key) => byUtf8(key, startAfter) > 0));
  });

  test('shows every version, or every key where it cannot', async () => {
    proxy.rewrite = make();
    const found = await keysIn({ versions: true });
    expect([...new Set(found)]).toEqual(keys);
    expect(found.length).toBeLessThanOrEqual(allVersions.length);
    expect(found.length).toBeGreaterThanOrEqual(keys.length);
  });
});

test('versions without markers, as of Google: every one is shown', async () => {
  proxy.rewrite = listRewrite((text) => without(text, 'Next\\w+'));
  expect(await keysIn({ versions: true })).toEqual(allVersions);
});

test('a second version of the listing that goes round in a circle: the first one is used', async () => {
  proxy.rewrite = repeating(isSecond);
  expect(await keysIn()).toEqual(keys);
  // Two pages in turn go back, too.
  const pages: PassingAnswer[] = [];
  proxy.rewrite = async (asked, pass) => {
    if (!isList(asked) || !isSecond(asked)) return pass();
    if (pages.length < 2) {
      const page = await pass();
      pages.push(page);
      return page;
    }
    const [first, second] = pages as [PassingAnswer, PassingAnswer];
    return asked.index % 2 === 0 ? first : second;
  };
  expect(await keysIn()).toEqual(keys);
});

test.each<[string, () => Rewrite]>([
  ['gives the same page for ever', () => repeating(() => true)],
  [
    'gives empty pages for ever',
    () => {
      let n = 0;
      const first = repeating(() => true);
      return async (asked, pass) =>
        withText(await first(asked, pass), (text) => {
          n++;
          return text
            .replace(/<(Contents|Version)>.*<\/\1>/s, '')
            .replace(/<NextContinuationToken>[^<]*/, `<NextContinuationToken>${n}`);
        });
    },
  ],
  ['shows keys of another prefix', () => listRewrite((text) => text.replaceAll('a%2Bb+c/', 'a%2Bb+d/'))],
  [
    'took the plus for a blank and found nothing',
    () =>
      listRewrite((text) =>
        inElements(
          text.replace(/<(Contents|Version)>.*<\/\1>/s, '').replace(/true(?=<\/IsTruncated>)/, 'false'),
          'Prefix',
          (inner) => inner.replaceAll('%2B', '+'),
        ),
      ),
  ],
  ['ends in the middle', () => listRewrite((text) => text.slice(0, text.length / 2))],
  ['ends between two entries', () => listRewrite((text) => text.slice(0, text.indexOf('<Contents>', 9000)))],
  ['says nothing of whether there is more', () => listRewrite((text) => without(text, 'IsTruncated'))],
  ['answers as a page of a hotel does', () => listRewrite(() => '<html><body>Log in</body></html>')],
  [
    'shows its buckets',
    () =>
      listRewrite(
        () =>
          '<?xml version="1.0"?><ListAllMyBucketsResult><IsTruncated>false</IsTruncated><Buckets/></ListAllMyBucketsResult>',
      ),
  ],
])('a service that %s: a plain error, and no half listing', async (_, make) => {
  proxy.rewrite = make();
  const before = proxy.seen.length;
  const unavailable = { name: 'EfakturError', code: 'store-unavailable' };
  await expect(keysIn()).rejects.toMatchObject(unavailable);
  await expect(keysIn({ versions: true })).rejects.toMatchObject(unavailable);
  expect(proxy.seen.length - before).toBeLessThan(2500);
});

test('a service that takes a listing of versions for one of objects has none', async () => {
  proxy.rewrite = listRewrite((text, asked) =>
    isVersions(asked)
      ? text
          .replaceAll('ListVersionsResult', 'ListBucketResult')
          .replaceAll(/<(\/?)Version>/g, '<$1Contents>')
      : text,
  );
  await expect(keysIn({ versions: true })).rejects.toMatchObject({ code: 'usage' });
  expect(await keysIn()).toEqual(keys);
});

test('a foreign key with a raw % does not stop a listing', async () => {
  await store.put('z/100% done & 50%41', bodyOf(Buffer.from('x')));
  const named = (text: string) => inElements(text, 'Key', decoded);
  for (const change of [named, (text: string) => named(without(text, 'EncodingType'))]) {
    proxy.rewrite = listRewrite(change);
    expect(await keysIn({}, 'z/')).toHaveLength(1);
    expect((await keysIn()).slice(0, -1)).toEqual(keys);
  }
});

describe('ranges and cuts', () => {
  const large = Buffer.alloc(20 << 20, 'efaktur ').map((byte, i) => (byte + (i >> 12)) & 255) as Buffer;

  beforeAll(async () => {
    await store.put('large', bodyOf(large));
  });

  const isGet = ({ method, url }: PassingRequest): boolean =>
    method === 'GET' && url.pathname.endsWith('/large');

  const wholeObject = async (): Promise<Buffer> => {
    const { Body } = await bucket.client.send(
      new GetObjectCommand({ Bucket: bucket.bucket, Key: 'a+b c/large' }),
    );
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };

  async function ahead(from: ObjectStore = store): Promise<Buffer> {
    const opened = await readAhead(from, 'large', large.length, { signal: new AbortController().signal });
    const pieces: Buffer[] = [];
    for await (const piece of opened?.bytes ?? []) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  }

  /** Answers of parts, changed. */
  const onParts =
    (
      change: (answer: PassingAnswer, asked: PassingRequest) => PassingAnswer | Promise<PassingAnswer>,
    ): Rewrite =>
    async (asked, pass) => {
      const answer = await pass();
      return isGet(asked) && asked.headers.range !== undefined ? change(answer, asked) : answer;
    };
  const partless = async (answer: PassingAnswer): Promise<PassingAnswer> => {
    const { 'content-range': _, ...headers } = answer.headers;
    return { status: 200, headers, body: await wholeObject() };
  };

  test.each<[string, Rewrite]>([
    ['the whole object', onParts(partless)],
    [
      'the part without saying which',
      onParts(({ headers: { 'content-range': _, ...headers }, ...answer }) => ({ ...answer, headers })),
    ],
    [
      'another part',
      onParts((answer) => ({
        ...answer,
        headers: { ...answer.headers, 'content-range': `bytes 5-${4 + answer.body.length}/${large.length}` },
        body: Buffer.from(large.subarray(5, 5 + answer.body.length)),
      })),
    ],
  ])(
    'a service that answers a range with %s: the bytes are right, and the object is read once',
    async (_, rewrite) => {
      proxy.rewrite = rewrite;
      const fresh = open('a+b c');
      for (const [first, last] of [
        [0, 9],
        [1 << 20, (1 << 20) + 99_999],
        [large.length - 10, large.length + 10],
      ] as const)
        expect(
          (await readAll(fresh, 'large', { first, last }))?.equals(large.subarray(first, last + 1)),
          `${first}`,
        ).toBe(true);
      expect((await ahead(fresh)).equals(large)).toBe(true);
      const before = proxy.seen.length;
      expect((await ahead(fresh)).equals(large)).toBe(true);
      expect(proxy.seen.length - before).toBe(1);
      // The first time it is not known yet.
      const another = open('a+b c');
      const atFirst = proxy.seen.length;
      expect((await ahead(another)).equals(large)).toBe(true);
      expect(proxy.seen.length - atFirst).toBeLessThanOrEqual(10);
    },
  );

  test('a small object may be answered whole where all of it was asked for', async () => {
    proxy.rewrite = onParts(partless);
    const fresh = open('a+b c');
    const all = { first: 0, last: large.length };
    expect((await readAll(fresh, 'large', all))?.equals(large)).toBe(true);
    expect(fresh.traffic.refusedRanges).toBe(0);
  });

  test('a part where the whole was asked for is no answer', async () => {
    proxy.rewrite = async (asked, pass) => {
      const answer = await pass();
      if (!isGet(asked)) return answer;
      const headers = { ...answer.headers, 'content-range': `bytes 0-99/${large.length}` };
      return { status: 206, headers, body: answer.body.subarray(0, 100) };
    };
    await expect(readAll(store, 'large')).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  /** Each answer ends after so many bytes. */
  const cutting =
    (bytes: number): Rewrite =>
    async (asked, pass) => {
      const answer = await pass();
      return isGet(asked) && answer.body.length > bytes ? { ...answer, cutAfter: bytes } : answer;
    };

  test('a download that is cut goes on from the byte reached', async () => {
    proxy.rewrite = cutting(700_000);
    const before = proxy.seen.length;
    expect((await ahead()).equals(large)).toBe(true);
    expect(await readObject(store, 'large', large.length)).toEqual(large);
    const ranges = proxy.seen.slice(before).map(({ headers }) => headers.range ?? '');
    // What came is not fetched again.
    expect(new Set(ranges).size).toBe(ranges.length);
    expect(ranges.length).toBeLessThan(2 * Math.ceil(large.length / 600_000));
  }, 120_000);

  test('and from the beginning where the service gives no ranges', async () => {
    let cuts = 0;
    proxy.rewrite = async (asked, pass) => {
      const answer = isGet(asked) ? await partless(await pass()) : await pass();
      return isGet(asked) && cuts++ < 6 ? { ...answer, cutAfter: 5_000_000 * cuts } : answer;
    };
    expect((await ahead(open('a+b c'))).equals(large)).toBe(true);
  });

  test('a line that gives nothing between its cuts ends with store-unavailable', async () => {
    proxy.rewrite = cutting(1);
    const before = proxy.seen.length;
    await expect(ahead()).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(proxy.seen.length - before).toBeLessThan(20);
  });
});
