import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';
import { expect, inject, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { windowsPc } from '../support/win/pc.ts';

/** The programs for Windows as such: their bytes, their start, how they end. */

const root = join(import.meta.dirname, '../..');
const programs = inject('windowsPrograms');
const run = promisify(execFile);

async function resourcesOf(name: string) {
  const exe = NtExecutable.from(await readFile(join(programs, name)));
  const { entries } = NtExecutableResource.from(exe);
  const [info] = Resource.VersionInfo.fromEntries(entries);
  const [language] = info?.getAllLanguagesForStringValues() ?? [];
  return {
    subsystem: exe.newHeader.optionalHeader.subsystem,
    signatureBytes: exe.newHeader.optionalHeaderDataDirectory.get(4).size,
    texts: info && language ? info.getStringValues(language) : null,
    icons: Resource.IconGroupEntry.fromEntries(entries).map(({ icons }) =>
      icons.map(({ width }) => width || 256),
    ),
  };
}

test('they state the version, have the icon and no broken signature, and differ in the console', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  for (const [name, subsystem] of [
    ['efaktur-cloud.exe', 3],
    ['efaktur-cloudw.exe', 2],
  ] as const) {
    expect(await resourcesOf(name)).toMatchObject({
      subsystem,
      signatureBytes: 0,
      texts: { ProductName: 'eFaktur Cloud', FileVersion: version, OriginalFilename: name },
      icons: [[16, 24, 32, 48, 256]],
    });
    expect((await stat(join(programs, name))).size).toBeLessThan(100e6);
  }
  // In the form that `sha256sum -c` reads.
  const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: programs });
  expect(stdout).toBe('efaktur-cloud.exe: OK\nefaktur-cloudw.exe: OK\n');
});

test('the same sources elsewhere give the same bytes', async () => {
  const clone = await tempFolder();
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  for (const path of stdout.split('\0').filter((name) => !/^($|test|docs|demo|bench)/.test(name))) {
    await mkdir(join(clone, dirname(path)), { recursive: true });
    await cp(join(root, path), join(clone, path));
  }
  const modules = [join(root, 'node_modules'), clone];
  // Hard links do not leave a disk.
  await run('cp', ['-al', ...modules]).catch(() => run('cp', ['-a', ...modules]));
  await run(process.execPath, ['scripts/build-win.ts'], { cwd: clone });
  for (const name of ['SHA256SUMS', 'THIRD-PARTY.txt'])
    expect(await readFile(join(clone, 'dist-windows', name), 'utf8')).toBe(
      await readFile(join(programs, name), 'utf8'),
    );
});

test('the licences of Node.js, of what is in it and of the packages lie beside them', async () => {
  const text = await readFile(join(programs, 'THIRD-PARTY.txt'), 'utf8');
  expect(text).toContain(`Node.js ${process.versions.node}\r\n`);
  for (const part of ['- V8, located at', '- OpenSSL, located at', '- ICU, located at', '- zstd, located at'])
    expect(text).toContain(part);
  for (const name of ['@aws-sdk/client-s3', 'age-encryption', 'tar', 'yargs', 'yauzl'])
    expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
});

test('a signature that is asked for without a certificate is refused before anything is built', async () => {
  const failed = run(process.execPath, ['scripts/build-win.ts', '--sign'], { cwd: root, env: { PATH: '' } });
  await expect(failed).rejects.toThrow(/WINDOWS_SIGN_CERT/);
});

test('--version and --help', async () => {
  const pc = await windowsPc(null);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await pc.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  const help = await pc.run(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  for (const command of ['push', 'pull', 'verify', 'export-tables'])
    expect(help.stdout).toContain(`efaktur-cloud ${command} `);
  // A start takes less than the second in which somebody presses the key again; ten for a machine that is busy.
  expect(help.seconds).toBeLessThan(10);
});

test('nobody runs code in it by the environment or a file beside it', async () => {
  const pc = await windowsPc(null);
  const [evil, ran] = [join(pc.folder, 'evil.cjs'), join(pc.folder, 'ran.txt')];
  await writeFile(evil, `require('node:fs').writeFileSync(${JSON.stringify(pc.named(ran))}, 'ran');`);
  await writeFile(join(pc.folder, 'package.json'), '{"type":"module","main":"evil.cjs"}');
  for (const options of [`--require ${pc.named(evil).replaceAll('\\', '/')}`, '--no-such-option']) {
    const { code, stdout } = await pc.run(['--version'], { env: { NODE_OPTIONS: options } });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d/) });
  }
  expect(await stat(ran).catch(() => null)).toBeNull();
});

test('exit codes reach whoever started it', async () => {
  const pc = await windowsPc();
  const ends = async (code: keyof typeof exitCodes, ...args: string[]): Promise<void> => {
    const { stderr, ...outcome } = await pc.run([...args, '--json'], {
      env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' },
    });
    expect(outcome.code, `${args.join(' ')}: ${stderr}`).toBe(exitCodes[code]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code } });
  };
  await ends('usage', 'push', '--no-such-flag');
  await ends('no-such-backup', 'pull', '--to', 'D:\\nowhere');
  await ends('store-unavailable', 'list', '--store', 's3://bucket?endpoint=http://127.0.0.1:1&region=x');
  expect((await pc.run(['push'])).code).toBe(0);
  await ends('not-in-backup', 'find', 'tidak ada di sini');
});

test('the one without a console works for a task that has no place to print', async () => {
  const pc = await windowsPc();
  const pushed = await pc.run(['push'], { program: 'efaktur-cloudw.exe' });
  expect(pushed.code, pushed.stderr).toBe(0);
  expect(await pc.json<{ backups: unknown[] }>(['list'])).toMatchObject({ backups: [{}] });
});
