import { bytes, count, duration, moment, number } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

/* What a run did with a profile (lines.ts). */

export const nothingNew: Text = { en: 'nothing new', id: 'tidak ada yang baru' };
/** `capturedAt` is RFC 3339. */
export function storedNew(capturedAt: string, sentBytes: number, stores: number): Text {
  const [when, sent, places] = [moment(capturedAt), bytes(sentBytes), count(stores, 'store')];
  return {
    en: `stored the state of ${when.en}: ${sent.en} sent to ${places.en}`,
    id: `keadaan ${when.id} disimpan: ${sent.id} terkirim ke ${places.id}`,
  };
}
export function readAndUnchanged(capturedAt: string): Text {
  const when = moment(capturedAt);
  return {
    en: `read in full, nothing new: the state of ${when.en} is stored`,
    id: `dibaca seluruhnya, tidak ada yang baru: keadaan ${when.id} sudah tersimpan`,
  };
}
export function provenNewest(checked: number): Text {
  const all = count(checked, 'backup');
  return {
    en: `verification of the newest: ${all.en} read back, none damaged`,
    id: `verifikasi yang terbaru: ${all.id} dibaca kembali, tidak ada yang rusak`,
  };
}
export function provenParts(parts: number, of: number, checked: number): Text {
  if (parts === 0) return provenNewest(checked);
  const [n, t, all] = [number(parts), number(of), count(checked, 'backup')];
  return {
    en: `verification of ${n.en} of ${t.en} parts: ${all.en} read back, none damaged`,
    id: `verifikasi ${n.id} dari ${t.id} bagian: ${all.id} dibaca kembali, tidak ada yang rusak`,
  };
}
export function seenParts(parts: number, of: number, checked: number): Text {
  const [n, t, all] = [number(parts), number(of), count(checked, 'backup')];
  return {
    en: `check of ${n.en} of ${t.en} parts: ${all.en} there, not read`,
    id: `pemeriksaan ${n.id} dari ${t.id} bagian: ${all.id} ada, tidak dibaca`,
  };
}
export function prunedObjects(deleted: number, freedBytes: number): Text {
  const [objects, freed] = [count(deleted, 'object'), bytes(freedBytes)];
  return {
    en: `pruned: ${objects.en} deleted, ${freed.en} of archives freed`,
    id: `dirapikan: ${objects.id} dihapus, ${freed.id} ruang arsip dibebaskan`,
  };
}

/* What is told once (lines.ts). `since` is RFC 3339. */

export function asBefore(since: string): Text {
  const when = moment(since);
  return { en: `still as told on ${when.en}`, id: `masih seperti yang disampaikan pada ${when.id}` };
}
export function reachableAgain(since: string): Text {
  const when = moment(since);
  return {
    en: `the store is reachable again; it was not since ${when.en}`,
    id: `tempat cadangan terjangkau lagi, setelah tidak terjangkau sejak ${when.id}`,
  };
}
export function wellAgain(since: string): Text {
  const when = moment(since);
  return {
    en: `all is well again; something was wrong since ${when.en}`,
    id: `semuanya baik lagi, setelah ada masalah sejak ${when.id}`,
  };
}
/* Proof (proof.ts). "Key" is the secret key of backups, "access key" that of a bucket. */

export const noSecretKey: Text = {
  en: 'the secret key is not at hand here, so it is only seen that backups are there; the full verification is made where that key is',
  id: 'kunci rahasia tidak ada di komputer ini, jadi hanya diperiksa bahwa cadangannya ada; verifikasi penuh dilakukan di komputer yang mempunyai kunci itu',
};
export const keyMayNotRead: Text = {
  en: 'this access key may not read what is stored, so the full verification is made where a key that may read is',
  id: 'kunci akses ini tidak boleh membaca isi tempat cadangan, jadi verifikasi penuh dilakukan di komputer yang kuncinya boleh',
};
export const proveElsewhere: Text = {
  en: 'Run "efaktur-cloud verify --all --read-data" there once a month.',
  id: 'Jalankan "efaktur-cloud verify --all --read-data" di sana sebulan sekali.',
};

/* The run itself (round.ts). */

export const bugMet = (stack: string): Text => ({
  en: `this is a bug in efaktur-cloud: ${stack}`,
  id: `ini kesalahan dalam efaktur-cloud: ${stack}`,
});
export const reportBug: Text = {
  en: 'Please report it with this text.',
  id: 'Mohon laporkan dengan teks ini.',
};
export const alreadyRunning: Text = {
  en: 'another run is at work, so this one ends',
  id: 'putaran lain sedang berjalan, jadi yang ini berhenti',
};
export const waitingForOther: Text = {
  en: 'another run is at work; this one begins when that has ended (Ctrl-C to give up)',
  id: 'putaran lain sedang berjalan; yang ini menunggu sampai selesai (Ctrl-C untuk membatalkan)',
};
export function cutOff(startedAt: string): Text {
  const when = moment(startedAt);
  return {
    en: `the run of ${when.en} was cut off before its end`,
    id: `putaran ${when.id} terputus sebelum selesai`,
  };
}
export function runEnded(profiles: number, exitCode: number, ms: number): Text {
  const [all, took] = [count(profiles, 'profile'), duration(ms)];
  return {
    en: `run of ${all.en} ended with exit code ${exitCode} after ${took.en}`,
    id: `putaran ${all.id} berakhir dengan kode keluar ${exitCode} setelah ${took.id}`,
  };
}
export const runStopped: Text = { en: 'the run was stopped', id: 'putaran dihentikan' };
export const recordSetAside = (path: string): Text => ({
  en: `the record of runs could not be understood and begins anew; the old file is ${path}`,
  id: `catatan putaran tidak dapat dipahami dan dimulai dari awal; file lamanya ${path}`,
});
export const logNotWritten = (path: string): Text => ({
  en: `the log ${path} cannot be written`,
  id: `log ${path} tidak dapat ditulis`,
});
export const logNotRead = (path: string): Text => ({
  en: `the log ${path} cannot be read`,
  id: `log ${path} tidak dapat dibaca`,
});
