import { bytes, count, moment, number } from '../base/phrases.ts';
import { type Text, verbatim } from '../base/text.ts';

/* Flags of prune and prune-local. */

export const noLoginBackupCount = (written: string): Text => ({
  en: `--keep: "${written}" is not a number of login backups`,
  id: `--keep: "${written}" bukan jumlah cadangan saat masuk`,
});
export const writeCount: Text = {
  en: 'Write a whole number, such as 5.',
  id: 'Tulis bilangan bulat, misalnya 5.',
};

/* The plan, and what was done. */

export const decisionNames = {
  keep: { en: 'keep', id: 'simpan' },
  delete: { en: 'DELETE', id: 'HAPUS' },
} as const satisfies Record<string, Text>;

export const programsHeading: Text = { en: 'Program backups:', id: 'Cadangan program:' };

export interface PlannedCounts {
  readonly backups: number;
  readonly goingBackups: number;
  readonly programs: number;
  readonly goingPrograms: number;
  /** Those that earlier runs let go. */
  readonly archives: number;
}
export function planSummary({ goingBackups, goingPrograms, ...counts }: PlannedCounts): Text {
  const [going, backups] = [number(goingBackups), count(counts.backups, 'backup')];
  const [gone, programs] = [number(goingPrograms), count(counts.programs, 'program backup')];
  const archives = count(counts.archives, 'archive');
  const ofPrograms =
    counts.programs === 0
      ? verbatim('')
      : { en: `, ${gone.en} of ${programs.en}`, id: `, ${gone.id} dari ${programs.id}` };
  return {
    en: `${going.en} of ${backups.en} would be deleted${ofPrograms.en}, and ${archives.en} that earlier runs let go.`,
    id: `${going.id} dari ${backups.id}${ofPrograms.id} akan dihapus, serta ${archives.id} yang dilepas proses sebelumnya.`,
  };
}
export function deletedSummary(deleted: number, freedBytes: number): Text {
  const [objects, freed] = [count(deleted, 'object'), bytes(freedBytes)];
  return {
    en: `${objects.en} deleted, ${freed.en} of archives freed.`,
    id: `${objects.id} dihapus, ${freed.id} ruang arsip dibebaskan.`,
  };
}
export function archivesLetGo(letGo: number, isPlan: boolean): Text {
  const archives = count(letGo, 'archive');
  const [be, their, them] = letGo === 1 ? ['is', 'its', 'it'] : ['are', 'their', 'them'];
  return {
    en: `${archives.en} ${isPlan ? 'would be' : be} needed no more; a run at least a day later (and a week after ${their} upload) deletes ${them}.`,
    id: `${archives.id} ${isPlan ? 'akan menjadi tidak diperlukan lagi' : 'tidak diperlukan lagi'}; dihapus oleh proses berikutnya, setidaknya sehari lagi dan seminggu setelah diunggah.`,
  };
}
/** `until`: RFC 3339; null for a legal hold. */
export function lockedObject(key: string, until: string | null): Text {
  const end = until === null ? null : moment(until);
  return {
    en: `LOCKED until ${end?.en ?? 'its legal hold is lifted'}: ${key}`,
    id: `TERKUNCI sampai ${end?.id ?? 'legal hold-nya dicabut'}: ${key}`,
  };
}
export const failedWith = (why: Text): Text => {
  return { en: `FAILED: ${why.en}`, id: `GAGAL: ${why.id}` };
};
export const addYes: Text = {
  en: 'Nothing was changed. Add --yes to do it.',
  id: 'Belum ada yang diubah. Tambahkan --yes untuk melaksanakannya.',
};
export const nothingToDelete: Text = {
  en: 'There is nothing to delete.',
  id: 'Tidak ada yang perlu dihapus.',
};

/* prune-local */

export const noLoginBackups: Text = {
  en: 'There are no login backups.',
  id: 'Tidak ada cadangan saat masuk.',
};
export function localPlan(going: number, all: number, freedBytes: number): Text {
  const [some, backups, size] = [number(going), count(all, 'login backup'), bytes(freedBytes)];
  return {
    en: `${some.en} of ${backups.en} would be deleted, ${size.en}.`,
    id: `${some.id} dari ${backups.id} akan dihapus, ${size.id}.`,
  };
}
export function localDeleted(deleted: number, freedBytes: number): Text {
  const [backups, size] = [count(deleted, 'login backup'), bytes(freedBytes)];
  return {
    en: `${backups.en} deleted, ${size.en} freed.`,
    id: `${backups.id} dihapus, ${size.id} dikosongkan.`,
  };
}
