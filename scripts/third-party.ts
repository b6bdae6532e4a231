import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The licences of others whose code is in the program: each asks to be handed on with it. */

interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository: string;
  /** What its licence files say, and its notices; null where the package has none. */
  readonly text: string | null;
}

/**
 * What ships as THIRD-PARTY.txt: the licences of all packages with code in these bundles, equal texts once. `others` come
 * first. Throws when a package's licence cannot be told.
 */
export async function thirdPartyNotices(
  metafile: Metafile,
  others: readonly { readonly title: string; readonly text: string }[] = [],
): Promise<string> {
  const packages = await Promise.all(bundledPackages(metafile).map((folder) => licensed(folder)));
  const titlesOf = new Map<string, Set<string>>();
  const add = (title: string, text: string): void => {
    titlesOf.set(text, (titlesOf.get(text) ?? new Set()).add(title));
  };
  for (const { title, text } of others) add(title, tidy(text));
  for (const found of packages)
    add(`${found.name} ${found.version} (${found.license})`, found.text ?? textOfSibling(found, packages));
  const line = '='.repeat(80);
  const intro = 'efaktur-cloud contains the following works of others, under these terms.';
  const parts = [...titlesOf].map(
    ([text, titles]) => `${line}\n${[...titles].join('\n')}\n${line}\n\n${text}`,
  );
  return [intro, ...parts].join('\n\n').concat('\n');
}

/** The folders of the packages that code was taken from, in order. */
function bundledPackages({ outputs }: Metafile): string[] {
  const folders = new Set<string>();
  for (const { inputs } of Object.values(outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  return [...folders].sort();
}

async function licensed(folder: string): Promise<Licensed> {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license: string;
    repository?: string | { url: string };
  };
  const files = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const { repository = '' } = about;
  return {
    name: about.name,
    version: about.version,
    license: about.license,
    repository: typeof repository === 'string' ? repository : repository.url,
    text: texts.length === 0 ? null : texts.map(tidy).join('\n\n'),
  };
}

/** Some packages of a repository of many leave the file away that the others have. */
function textOfSibling({ name, license, repository }: Licensed, packages: readonly Licensed[]): string {
  const sibling = packages.find(
    (other) => other.text !== null && other.license === license && other.repository === repository,
  );
  if (!sibling?.text || repository === '')
    throw new Error(`the package ${name} is bundled and has no licence text: say where it is told`);
  return sibling.text;
}

/** Without what differs between systems and at the ends of lines. */
const tidy = (text: string): string => text.replace(/[ \t]*\r?\n/g, '\n').trim();
