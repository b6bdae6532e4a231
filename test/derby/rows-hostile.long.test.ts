import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goldens, placeGolden } from '../support/golden.ts';
import { loadFolder } from './judge-folder.ts';
import { readerSurvives } from './mutations.ts';

/** Ten thousand in all, over the samples with the most kinds of records. */
const names = ['clean', 'long-columns', 'moved-rows', 'dropped'];

test.each(names)(
  '2,500 random changes of the sample %s give rows or a clear error',
  { timeout: 1_200_000 },
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'rows-mutations-'));
    try {
      const sample = (await goldens()).find((one) => one.name === name && one.version === '10.12.1.1');
      await placeGolden(sample ?? expect.fail(`no golden ${name}`), folder);
      await readerSurvives(loadFolder(join(folder, 'ETaxInvoice')), 2_500);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
