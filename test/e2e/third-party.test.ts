import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** The packages whose code is in the built program, as its source maps tell. */
async function packagesInMaps(): Promise<string[]> {
  const folders = new Set<string>();
  for (const name of await readdir('dist/program', { recursive: true })) {
    if (!name.endsWith('.map')) continue;
    const path = join('dist/program', name);
    const { sources } = JSON.parse(await readFile(path, 'utf8')) as { sources: string[] };
    for (const source of sources) {
      const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(resolve(path, '..', source)) ?? [];
      if (folder !== undefined) folders.add(folder);
    }
  }
  return [...folders];
}

test('the licence of each package in the built program ships with it, equal ones once', async () => {
  const shipped = await readFile('dist/THIRD-PARTY.txt', 'utf8');
  const folders = await packagesInMaps();
  expect(folders.length).toBeGreaterThan(30);
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(shipped.split('\n')).toContain(`${name} ${version} (${license})`);
    for (const file of (await readdir(folder)).filter((found) => /^licen[cs]e/i.test(found))) {
      const words = (await readFile(join(folder, file), 'utf8')).split(/\s+/).filter(Boolean).join(' ');
      expect(shipped.split(/\s+/).join(' '), file).toContain(words);
    }
  }
  // The Apache licence, which most of them have.
  expect(shipped.split('END OF TERMS AND CONDITIONS').length).toBeLessThan(6);
});
