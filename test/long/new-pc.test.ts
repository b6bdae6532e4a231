import { test } from 'vitest';
import { makeBucket } from '../support/minio.ts';
import { moveToNewPc } from '../support/new-pc.ts';

/** As large as a program folder with its Java is. */
const javaMib = 300;

test('PC to PC with 300 MB through a folder', async () => {
  await moveToNewPc(javaMib);
});

test('PC to PC with 300 MB through a bucket', async () => {
  const { bucket, endpoint, env } = await makeBucket();
  await moveToNewPc(javaMib, { ...env, EFAKTUR_STORE: `s3://${bucket}/pc?endpoint=${endpoint}` });
});
