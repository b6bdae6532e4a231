import { randomBytes } from 'node:crypto';
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Language, Text } from '../src/base/text.ts';
import { lastCharacters, startOrChange } from '../src/cli/init-start-texts.ts';
import {
  accessKeyId,
  newOrRestore,
  secretAccessKey,
  whichAddress,
  whichBucket,
  whichPlace,
  whichProvider,
} from '../src/cli/init-texts.ts';
import { makeEfakturFolder } from '../test/support/efaktur-folder.ts';
import type { S3Service } from '../test/support/server-binary.ts';
import { openScreen } from '../test/support/tmux.ts';

/**
 * What `efaktur-cloud init` looks like: the built program in a real terminal, with the sample e-Faktur folder, a bucket of a real
 * service and a crontab of its own. Nothing is left of the computer that recorded it: paths, addresses and keys are others.
 */

const program = join(import.meta.dirname, '..', 'dist', 'efaktur-cloud.js');
const shownBucket = 'my-bucket';

/** In a mount namespace, so that no schedule of this computer is seen or changed. */
const ownCrontabs = `set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/spool/cron
mkdir /var/spool/cron/crontabs
chgrp crontab /var/spool/cron/crontabs
chmod 1730 /var/spool/cron/crontabs
cron
trap 'kill "$(cat /run/crond.pid)"' EXIT
"$@"`;

/** Records it on this service, which keeps the bucket. */
export async function recordInit(service: S3Service, language: Language): Promise<string> {
  // Of the length of what is put in its place, so that lines break where they would.
  const home = await mkdtemp('/tmp/');
  const bucket = `b${randomBytes(4).toString('hex')}`;
  const client = new S3Client({ ...service, forcePathStyle: true, credentials: service });
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  client.destroy();
  await makeEfakturFolder(join(home, 'e-Faktur'));
  // In the place of a browser.
  await mkdir(join(home, 'bin'));
  await writeFile(join(home, 'bin', 'xdg-open'), '#!/bin/sh\n', { mode: 0o755 });
  const asRoot = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-rm'];
  const words = [...asRoot, 'sh', '-c', ownCrontabs, 'sh', process.execPath, '--', program, 'init'];
  const screen = await openScreen(words, {
    env: {
      HOME: home,
      PATH: `${home}/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      // As a PC in Surabaya has it, so that nothing is set by hand.
      LANG: { en: 'en_US.UTF-8', id: 'id_ID.UTF-8' }[language],
      TZ: 'Asia/Jakarta',
    },
    cwd: home,
  });
  const asked = (question: Text): Promise<string> => screen.waitFor(question[language].slice(0, 40));
  const answer = async (question: Text, typed = ''): Promise<void> => {
    await asked(question);
    if (typed !== '') await screen.type(typed);
    await screen.press('Enter');
  };
  try {
    await answer(newOrRestore);
    await answer(whichPlace);
    await asked(whichProvider);
    // The last but one: a server of one's own.
    await screen.press('Up', 'Up');
    await screen.press('Enter');
    await answer(whichAddress, service.endpoint);
    await answer(whichBucket, bucket);
    await answer(accessKeyId, service.accessKeyId);
    await answer(secretAccessKey, service.secretAccessKey);
    await answer(startOrChange);
    await asked(lastCharacters);
    const ending = await endingOnSheet(home);
    await answer(lastCharacters, ending);
    const { code, text } = await screen.ended(120_000);
    if (code !== 0) throw new Error(`init ended with exit code ${code}:\n${text}`);
    const shown: [string, string][] = [
      [service.endpoint, 'https://s3.example.com'],
      [service.accessKeyId, 'ACCESSKEYID'],
      [home, '/home/kasir'],
      [bucket, shownBucket],
      [ending, 'Q7L2XM'],
    ];
    return shown.reduce((all, [real, instead]) => all.replaceAll(real, instead), text);
  } finally {
    await screen.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function endingOnSheet(home: string): Promise<string> {
  for await (const path of glob(join(home, '.local/state/efaktur-cloud/jobs/*/sheet/*.html'))) {
    const key = /AGE-SECRET-KEY-1[0-9A-Z]+/.exec(await readFile(path, 'utf8'))?.[0];
    if (key) return key.slice(-6);
  }
  throw new Error('there is no sheet with a key');
}

const monthNames = (['en', 'id'] as const).flatMap((language) =>
  Array.from({ length: 12 }, (_, i) =>
    new Date(Date.UTC(2023, i, 1)).toLocaleString(language, { month: 'long', timeZone: 'UTC' }),
  ),
);

/** The same for two recordings of one program: when it was, and what is drawn by chance, are nobody's words. */
export const comparable = (recorded: string): string =>
  recorded
    .replace(/jobs\/[^/]+/g, 'jobs/0')
    .replace(new RegExp(monthNames.join('|'), 'g'), 'M')
    .replace(/\d+/g, '0')
    .replace(/▪+/g, '▪');

export const fenced = (recorded: string): string => `\`\`\`text\n${recorded}\n\`\`\`\n`;
