import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeService, encodeTimer, parseUnits } from '../../src/schedule/systemd.ts';
import { tempFolder } from '../base/temp-folder.ts';

const run = promisify(execFile);

const command = [process.execPath, '/home/a b/50% $HOME "x" \\ é/start.js', 'run', '--scheduled'];
const env = { XDG_CONFIG_HOME: '/home/a b/100% "c" \\', HOME: '/root' };

test('systemd-analyze finds nothing wrong in the units', async () => {
  const folder = await tempFolder();
  const files = [join(folder, 'efaktur-cloud.service'), join(folder, 'efaktur-cloud.timer')] as const;
  const verify = () =>
    run('systemd-analyze', ['--user', 'verify', ...files], {
      env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
    });
  await writeFile(files[0], encodeService({ command, env }));
  for (const at of ['hourly', ['07:05', '12:00', '17:00']] as const) {
    await writeFile(files[1], encodeTimer(at));
    const { stdout, stderr } = await verify();
    expect(stdout + stderr).toBe('');
  }
  // It does find what is wrong.
  await writeFile(files[1], encodeTimer(['25:00']));
  expect((await verify().catch((error: { stderr: string }) => error)).stderr).toContain('25:00');
});

test('systemd-analyze understands each time as it is meant', async () => {
  const times = [
    ...encodeTimer(['07:05', '17:00']).matchAll(/^OnCalendar=(.*)$/gm),
    ...encodeTimer('hourly').matchAll(/^OnCalendar=(.*)$/gm),
  ].map(([, time = '']) => time);
  const { stdout } = await run('systemd-analyze', ['calendar', ...times]);
  expect([...stdout.matchAll(/Normalized form: (.*)$/gm)].map(([, form]) => form)).toEqual([
    '*-*-* 07:05:00',
    '*-*-* 17:00:00',
    '*-*-* *:00:00',
  ]);
});

test('what was missed is made up for, and not all PCs come at once', () => {
  expect(encodeTimer('hourly')).toContain('\nPersistent=true\nRandomizedDelaySec=10min\n');
});

test('any command and variables come back', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '%', 'é', '=', ';') });
  const path = word.map((name) => `/${name}`);
  fc.assert(
    fc.property(path, fc.array(word, { minLength: 1 }), path, (program, words, home) => {
      const unit = { command: [program, ...words], env: { HOME: home } };
      expect(parseUnits(encodeService(unit), encodeTimer(['12:00']))).toEqual({ ...unit, at: ['12:00'] });
    }),
  );
});

test('times that this program does not make are none', () => {
  const timer = encodeTimer('hourly');
  for (const other of ['daily', 'Mon *-*-* 12:00:00', '*-*-* 12:00:30'])
    expect(parseUnits('', timer.replace('=hourly', `=${other}`)).at).toBeNull();
  expect(parseUnits('', '[Timer]\n')).toEqual({ at: null, command: null, env: {} });
});
