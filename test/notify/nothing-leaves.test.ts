import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import type { NotifyCode, ProfileSummary } from '../../src/notify/summary.ts';
import type { SettingName } from '../../src/settings/config.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';
import { at, open, profile, type Values } from './summaries.ts';

/* What a message could give away, and what it is made of: the first must never be found in what leaves this PC. */

const npwp = fc.stringMatching(/^\d{15,16}$/);
/** As no language and no HTTP has one. */
const word = fc.stringMatching(/^zq[bcdfghjklmnpqrstvwxz]{5,9}$/);
const places = fc.record({
  EFAKTUR_APP_DIR: fc.tuple(word, npwp).map(([name, number]) => `D:\\PT ${name}\\${number}\\e-Faktur`),
  EFAKTUR_STORE: fc.tuple(word, word, npwp).map(([a, b, number]) => `s3://${a}/${b}-${number};E:\\${b}`),
  EFAKTUR_NAME: word.map((name) => `pc-${name}`),
  EFAKTUR_STATE_DIR: word.map((name) => `/home/${name}/state`),
  EFAKTUR_RECIPIENTS: word.map((name) => `age1${name}`),
  EFAKTUR_IDENTITY_FILE: word.map((name) => `/home/${name}/key.txt`),
  EFAKTUR_IDENTITY_COMMAND: word.map((name) => `pass ${name}`),
} satisfies Partial<Record<SettingName, fc.Arbitrary<string>>>);
const bucketKeys = fc.record({
  AWS_ACCESS_KEY_ID: word,
  AWS_SECRET_ACCESS_KEY: word,
  AWS_ENDPOINT_URL_S3: word.map((name) => `https://${name}.example.com`),
});
const codes = [...Object.keys(exitCodes), 'bug', 'old-backup', 'tampering'] as NotifyCode[];
const outcome = fc.record({
  outcome: fc.constantFrom<ProfileSummary['outcome']>('ok', 'attention', 'failed'),
  code: fc.constantFrom(...codes.filter((code) => code !== 'interrupted')),
  exitCode: fc.integer({ min: 0, max: 130 }),
  ageHours: fc.option(fc.integer({ min: 0, max: 90_000 })),
});

/** Every way that a message goes, all to one service. */
const ways = (url: string): readonly Values[] => [
  { EFAKTUR_PING_URL: `${url}/check` },
  { EFAKTUR_NOTIFY_URL: `${url}/default` },
  { EFAKTUR_NOTIFY_URL: `${url}/get/{text}/{name}/{hint}`, EFAKTUR_NOTIFY_METHOD: 'GET' },
  { EFAKTUR_NOTIFY_URL: `${url}/own`, EFAKTUR_NOTIFY_BODY: '{status}{name}{age}{hint}{text}{outcome}{exit}' },
  ...(['fonnte', 'telegram', 'ntfy'] as const).map((preset) => ({
    EFAKTUR_NOTIFY_PRESET: preset,
    EFAKTUR_NOTIFY_URL: url,
    EFAKTUR_NOTIFY_TOKEN: '1:a',
    EFAKTUR_NOTIFY_TO: '1',
  })),
];

const wordsOf = (values: Readonly<Record<string, string>>): string[] =>
  Object.values(values).flatMap((value) => value.match(/zq[a-z]+|\d{15,}/g) ?? []);
const sentIn = ({ received }: WebhookServer): string =>
  received
    .map(({ method, path, headers, body }) => {
      const said = `${method} ${path} ${JSON.stringify(headers)} ${body}`;
      return `${said} ${decodeURIComponent(path)} ${decodeURIComponent(body.replaceAll(/%(?![0-9a-f]{2})|\+/gi, ' '))}`;
    })
    .join('\n');

test.each(['en', 'id'] as const)(
  'of a profile nothing but codes, counts and the name chosen for it, in %s',
  async (language) => {
    const server = await webhookServer();
    const property = fc.asyncProperty(
      fc.array(fc.tuple(places, bucketKeys, outcome), { minLength: 1, maxLength: 3 }),
      async (all) => {
        server.received.length = 0;
        const summaries = all.map(([, , one], i): ProfileSummary => ({ ...one, number: i + 1 }));
        for (const way of ways(server.url)) {
          const profiles = all.map(([values, env], i) => profile(i + 1, { ...values, ...way }, env));
          const notifiers = open(profiles, { language });
          await notifiers.started();
          await notifiers.ended({ endedAt: at(0), profiles: summaries }, {});
          await notifiers.test();
        }
        expect(server.received).toHaveLength(ways('').length * 2 + 1);
        const sent = sentIn(server).toLowerCase();
        const known = all.flatMap(([values, env]) => [...wordsOf(values), ...wordsOf(env)]);
        expect(known.length).toBeGreaterThan(9);
        for (const one of known) expect(sent).not.toContain(one);
        expect(sent).not.toMatch(/\d{15}/);
      },
    );
    await fc.assert(property, { numRuns: 40 });
  },
);

test('a name that was chosen is in it, and stands in no other profile\u2019s place', async () => {
  const server = await webhookServer();
  const to = { EFAKTUR_NOTIFY_URL: server.url };
  const profiles = [profile(1, { ...to, EFAKTUR_NOTIFY_NAME: 'Toko Budi' }), profile(2, to)];
  const ran = profiles.map(
    ({ number }) => ({ number, outcome: 'failed', code: 'bug', exitCode: 1, ageHours: null }) as const,
  );
  await open(profiles).ended({ endedAt: at(0), profiles: ran }, {});
  expect(JSON.parse(server.received[0]?.body ?? '').name).toBe('Toko Budi, profil-2');
});
