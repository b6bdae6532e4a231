import { test } from 'vitest';
import { makeBucket } from '../support/minio.ts';
import { moveToNewPc } from '../support/new-pc.ts';

test('PC to PC through a folder: the e-Faktur there is the one here, less what was named', async () => {
  await moveToNewPc(12);
});

test('PC to PC through a bucket: the e-Faktur there is the one here, less what was named', async () => {
  const { bucket, endpoint, env } = await makeBucket();
  await moveToNewPc(12, { ...env, EFAKTUR_STORE: `s3://${bucket}/pc?endpoint=${endpoint}` });
});
