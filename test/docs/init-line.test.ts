import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { program } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { guide, linesOf } from '../support/guides.ts';
import { makeBucket } from '../support/minio.ts';
import { ownSystem } from '../support/own-system.ts';

test('the line that sets up without questions does so as it stands', { timeout: 120_000 }, async () => {
  const [line = '', ...more] = linesOf(guide('docs/SETUP'), 'sh').filter((one) => one.includes('init --yes'));
  expect(more).toEqual([]);
  const home = await tempFolder();
  const bucket = await makeBucket();
  await makeEfakturFolder(join(home, 'e-Faktur'));
  const keys = `Access key ID,Secret access key\n${bucket.accessKeyId},${bucket.secretAccessKey}\n`;
  await writeFile(join(home, 'keys.csv'), keys, { mode: 0o600 });
  await mkdir(join(home, 'bin'));
  const command = `#!/bin/sh\nexec "${process.execPath}" -- "${program}" "$@"\n`;
  await writeFile(join(home, 'bin', 'efaktur-cloud'), command, { mode: 0o755 });

  const system = await ownSystem(home, { systemd: false });
  const script = `cd ~\n${line.replace('my-bucket', bucket.bucket)} --json`;
  const ended = await system.run('sh', ['-ec', script], {
    env: {
      HOME: home,
      PATH: `${home}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      AWS_ENDPOINT_URL_S3: bucket.endpoint,
    },
  });
  expect(ended.code, ended.stderr).toBe(0);
  const document = JSON.parse(ended.stdout);
  expect(document).toMatchObject({ outcome: 'proven', schedule: { at: ['12:00', '17:00'] } });
  const [profile] = document.profiles;
  const settings = await readFile(profile.file, 'utf8');
  // A schedule has no such environment.
  expect(settings).toContain(bucket.endpoint);
  expect(settings).toContain(bucket.secretAccessKey);
  expect(await readFile(join(home, 'recovery-sheet.html'), 'utf8')).toContain('AGE-SECRET-KEY-1');
  expect(ended.stdout + ended.stderr).not.toContain(bucket.secretAccessKey);
});
