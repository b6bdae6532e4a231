import { bytes, count, number } from '../base/phrases.ts';
import { listed, type Text, verbatim } from '../base/text.ts';

/* Flags that do not go together, and stores that are not named. */

export const dryRunWritesNothing: Text = {
  en: 'Give one of them: a dry run writes nothing to be read.',
  id: 'Berikan salah satu saja: --dry-run tidak menulis apa pun yang dapat dibaca kembali.',
};

type End = 'from' | 'to';

export const needsStore = (end: End): Text => ({
  en: `copy needs the store to copy ${end}`,
  id: `copy memerlukan tempat cadangan ${{ from: 'asal', to: 'tujuan' }[end]}`,
});
export function severalStores(end: End, urls: readonly string[]): Text {
  const [stores, named] = [count(urls.length, 'store'), urls.join(', ')];
  return {
    en: `there are ${stores.en} to copy ${end}: ${named}`,
    id: `ada ${stores.id} ${{ from: 'asal', to: 'tujuan' }[end]}: ${named}`,
  };
}
export const nameOneStore = (end: End): Text => ({
  en: `Name one with --${end}: s3://BUCKET/PREFIX, or a folder.`,
  id: `Sebutkan satu dengan --${end}: s3://BUCKET/PREFIX, atau sebuah folder.`,
});

const bothOf = (from: string, to: string): Text => listed([...new Set([from, to])].map(verbatim));
export function areOneStore(from: string, to: string): Text {
  const both = bothOf(from, to);
  return {
    en: `--from and --to are one store: ${both.en}`,
    id: `--from dan --to adalah tempat cadangan yang sama: ${both.id}`,
  };
}
export function liesInside(from: string, to: string): Text {
  const both = bothOf(from, to);
  return {
    en: `--to lies inside --from, so it is no second place: ${both.en}`,
    id: `--to terletak di dalam --from, jadi bukan tempat kedua: ${both.id}`,
  };
}
export const nameAnotherTo: Text = {
  en: 'Name another one with --to.',
  id: 'Sebutkan yang lain dengan --to.',
};

/* What was copied. */

export const outcomeNames = {
  copied: { en: 'copied', id: 'disalin' },
  planned: { en: 'planned', id: 'direncanakan' },
  failed: { en: 'failed', id: 'gagal' },
  there: { en: 'there', id: 'sudah ada' },
} as const satisfies Record<string, Text>;

export const programRow = (id: string): Text => ({
  en: `${id} (program backup)`,
  id: `${id} (cadangan program)`,
});

export interface Copying {
  readonly from: string;
  readonly to: string;
  readonly isPlan: boolean;
  readonly backups: number;
  readonly programs: number;
  readonly objects: number;
  readonly sizeBytes: number;
  /** How many were in the target already. */
  readonly there: number;
}
export function copySummary({ from, to, isPlan, ...counts }: Copying): Text {
  const [backups, programs] = [count(counts.backups, 'backup'), count(counts.programs, 'program backup')];
  const [objects, size] = [count(counts.objects, 'object'), bytes(counts.sizeBytes)];
  const there = number(counts.there);
  const andPrograms =
    counts.programs === 0 ? verbatim('') : { en: ` and ${programs.en}`, id: ` dan ${programs.id}` };
  return {
    en: `${backups.en}${andPrograms.en} ${isPlan ? 'would be copied' : 'copied'} from ${from} to ${to} (${objects.en}, ${size.en}); ${there.en} ${counts.there === 1 ? 'was' : 'were'} there before.`,
    id: `${backups.id}${andPrograms.id} ${isPlan ? 'akan disalin' : 'disalin'} dari ${from} ke ${to} (${objects.id}, ${size.id}); ${there.id} sudah ada sebelumnya.`,
  };
}
export const otherBytesIn = (store: string, key: string): Text => ({
  en: `OTHER BYTES in ${store}: ${key}`,
  id: `ISI BERBEDA di ${store}: ${key}`,
});
export function copiesReadBack(read: number, verified: number): Text {
  const [all, good] = [number(read), number(verified)];
  return {
    en: `${all.en} of them read back, ${good.en} verified.`,
    id: `${all.id} di antaranya dibaca kembali, ${good.id} terverifikasi.`,
  };
}
