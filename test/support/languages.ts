import { expect } from 'vitest';
import type { Language } from '../../src/base/text.ts';
import type { Outcome, RunOptions, World } from './cli.ts';

/** Words that stand in sentences of one language alone. */
const only: Readonly<Record<Language, RegExp>> = {
  en: /(?<![\p{L}-])(?:the|of|and|are|is|was|were|not|no|with|from|than|which|that|cannot|before|after|backups?|stored?|newest|never|none|rows?|tables?|days?|hours?|ago|verified|damaged|sound|closed|changed|checked|restored|copied|written|deleted|missing|unknown|failed|keep|full|yes)(?![\p{L}-])/u,
  id: /(?<![\p{L}-])(?:yang|dan|atau|tidak|belum|sudah|dari|dengan|untuk|pada|akan|dapat|cadangan|terverifikasi|tersimpan|disimpan|rusak|utuh|tertutup|baris|tabel|hari|jam|lalu|semua|bila|sebutkan|jalankan|lihat|kosong)(?![\p{L}-])/u,
};

/** Cells of rows, paths, flags, what stands in quotes, and words of commands beside those of a language. */
const namesAsTheyAre =
  /^[> ] +[A-Z_]+ {2,}.*$|"[^"\n]*"|'[^'\n]*'|\((?:backup|restore|object lock)\)|Error [a-z-]+:|\S*[/\\=]\S*|--[\w-]+|\b(?:folder|dan|kecuali db dan) backup\b/gmu;

/** The first word of the other language, or null. */
const foreignWord = (text: string, language: Language): string | null =>
  only[language === 'en' ? 'id' : 'en'].exec(text.replace(namesAsTheyAre, ' '))?.[0] ?? null;

/**
 * What a command line prints in each language, both streams; neither may hold a word of the other's, and both end with the
 * same exit code. For what may run twice.
 */
export async function inBothLanguages(
  world: Pick<World, 'run'>,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Readonly<Record<Language, string>> & { readonly code: number | null }> {
  const run = async (language: Language): Promise<Outcome> =>
    world.run([...args, '--lang', language], options);
  const outcomes = { en: await run('en'), id: await run('id') };
  expect(outcomes.id.code, `${args.join(' ')}: ${outcomes.id.stderr}`).toBe(outcomes.en.code);
  const told = { en: printed(outcomes.en), id: printed(outcomes.id) };
  for (const language of ['en', 'id'] as const) {
    expect(told[language]).not.toMatch(/undefined|\[object/);
    const word = foreignWord(told[language], language);
    expect(word, `${args.join(' ')} --lang ${language}: ${told[language]}`).toBeNull();
  }
  return { ...told, code: outcomes.en.code };
}

const printed = ({ stdout, stderr }: Outcome): string => stdout + stderr;
