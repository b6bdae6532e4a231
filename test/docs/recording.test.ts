import { expect, test } from 'vitest';
import { comparable, fenced, recordInit } from '../../scripts/recorded-init.ts';
import { guide } from '../support/guides.ts';
import { s3Service } from '../support/minio.ts';

test.each(['en', 'id'] as const)(
  'the README shows what init looks like now (%s); else "npm run docs:recording" writes it',
  { timeout: 180_000 },
  async (language) => {
    const recorded = await recordInit(await s3Service(), language);
    const [, shown = ''] =
      /<!-- recording -->\n\n(.*?)\n<!-- \/recording -->/s.exec(guide('README', language)) ?? [];
    expect(comparable(shown)).toBe(comparable(fenced(recorded)));
  },
);

test('what differs from one time to the next is not compared, and everything else is', () => {
  const recorded = 'jobs/20261127T032252Z-4260-43bab1-3748239a/sheet, 27 November 2026 10.22, ▪▪▪';
  expect(comparable(recorded)).toBe(comparable('jobs/1/sheet, 8 Juli 2027 09.15, ▪▪▪▪▪'));
  expect(comparable(recorded)).not.toBe(comparable('jobs/1/sheets, 8 Juli 2027 09.15, ▪▪▪▪▪'));
});
