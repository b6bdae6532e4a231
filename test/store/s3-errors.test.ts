import { expect, test } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import { type S3Answer, translateS3Error } from '../../src/store/s3-errors.ts';
import { cannotBeRead } from '../../src/store/texts.ts';

const coded = (code: string, kind = Error): Error => Object.assign(new kind('made for the test'), { code });

function translated(error: unknown, answer: S3Answer | null = null, tried: string | null = null): unknown {
  const context = {
    url: 's3://b',
    bucket: 'b',
    endpoint: null,
    profile: null,
    what: cannotBeRead('k'),
    answer,
    tried: tried === null ? null : verbatim(tried),
  };
  return translateS3Error(error, context);
}

const codeOf = (error: unknown): string | null => {
  const result = translated(error);
  return isEfakturError(result) ? result.code : null;
};

test.each([
  [
    'store-unavailable',
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOTFOUND'],
  ],
  ['store-unavailable', ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_HANDSHAKE_TIMEOUT']],
  ['usage', ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN']],
  ['usage', ['CERT_UNTRUSTED', 'INVALID_CA', 'HOSTNAME_MISMATCH', 'ERR_TLS_CERT_ALTNAME_INVALID']],
  ['usage', ['EPROTO', 'HPE_INVALID_CONSTANT', 'ERR_SSL_WRONG_VERSION_NUMBER']],
])('codes of the system, of names, of TLS and of the reader of HTTP: %s', (code, codes) => {
  expect(codes.map((one) => codeOf(coded(one)))).toEqual(codes.map(() => code));
});

test("a program's mistake stays what it is, before and after an answer", () => {
  const mistakes = [
    coded('ERR_INVALID_ARG_TYPE', TypeError),
    coded('ERR_STREAM_DESTROYED'),
    coded('ERR_OUT_OF_RANGE', RangeError),
    coded('ERR_HTTP_HEADERS_SENT'),
    new TypeError('undefined is not a function'),
    // As the SDK marks whatever was thrown between its tries.
    Object.assign(new TypeError('no such method'), { $metadata: { attempts: 1 } }),
  ];
  for (const answer of [null, { statusCode: 200, headers: {} }, { statusCode: 500, headers: {} }])
    for (const mistake of mistakes) expect(translated(mistake, answer)).toBe(mistake);
});

test('an answer that the SDK could not read is none of an S3 service', () => {
  const unread = Object.defineProperty(new TypeError('x is undefined'), '$response', { value: {} });
  expect(translated(unread, { statusCode: 200, headers: {} })).toMatchObject({ code: 'store-unavailable' });
});

test('an error of the connection names what was tried', () => {
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
    'EPROTO',
  ]) {
    const error = translated(coded(code), null, 's3.example.com:9000');
    expect((error as Error).message).toContain('s3.example.com:9000');
    expect((error as Error).message).toContain(`(${code})`);
  }
  // Before any request of ours, as when credentials are asked for.
  const own = Object.assign(coded('ECONNREFUSED'), { address: '169.254.169.254', port: 80 });
  expect((translated(own) as Error).message).toContain('169.254.169.254:80');
});

test('what happened, why and what to do stand in both languages', () => {
  const skewed = Object.assign(new Error(), { name: 'RequestTimeTooSkewed', $metadata: {} });
  expect(translated(skewed)).toMatchObject({
    what: { en: 's3://b: k cannot be read', id: 's3://b: k tidak dapat dibaca' },
    because: { id: 'tanggal atau jam komputer ini salah, sehingga layanan menolak tanda tangannya' },
    hint: { id: 'Betulkan tanggal, jam, dan zona waktu komputer ini.' },
  });
  expect(translated(coded('ENOTFOUND'), null, 's3.example.com:443')).toMatchObject({
    because: { id: 'alamat s3.example.com:443 tidak ditemukan (ENOTFOUND)' },
    hint: { id: 'Periksa sambungan internet, lalu ejaan endpoint dan region.' },
  });
});
