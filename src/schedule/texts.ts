import { duration, moment } from '../base/phrases.ts';
import { type Text, verbatim } from '../base/text.ts';

/* Times. */

export const noTimeOfDay = (value: string): Text => ({
  en: `"${value}" is no time of day`,
  id: `"${value}" bukan jam yang benar`,
});
export const noTimes = (most: number): Text => ({
  en: `more than ${most} times a day`,
  id: `lebih dari ${most} jam dalam sehari`,
});
export const writeTimes: Text = {
  en: 'Write the times of this PC with 24 hours and a comma between, such as --at 12:00,17:00; without --at it runs every hour.',
  id: 'Tulis jam komputer ini dalam format 24 jam dengan koma di antaranya, misalnya --at 12:00,17:00; tanpa --at program berjalan setiap jam.',
};
export const zoneOfPc = (zone: string, time: string, there: string, otherZone: string): Text => ({
  en: `the times are those of this PC's clock (${zone}): ${time} there is ${there} in ${otherZone}`,
  id: `jamnya mengikuti jam komputer ini (${zone}): pukul ${time} di sini adalah pukul ${there} di ${otherZone}`,
});

/* Schedulers. */

export const schedulerNames = {
  'task-scheduler': { en: 'the Task Scheduler of Windows', id: 'Penjadwal Tugas (Task Scheduler) Windows' },
  startup: { en: 'the Startup folder of Windows', id: 'folder Startup Windows' },
  systemd: verbatim('systemd'),
  cron: verbatim('cron'),
  launchd: verbatim('launchd'),
} as const satisfies Record<string, Text>;

export const noScheduler = (platform: string): Text => ({
  en: `no scheduler that this program knows is on this system (${platform})`,
  id: `di sistem ini (${platform}) tidak ada penjadwal yang dikenal program ini`,
});
export const schedulersRefuse: Text = {
  en: 'no scheduler of this system takes the schedule',
  id: 'tidak ada penjadwal di sistem ini yang menerima jadwalnya',
};
export const useOwnScheduler: Text = {
  en: 'Let another scheduler call `efaktur-cloud run --scheduled` every hour.',
  id: 'Atur penjadwal lain agar memanggil `efaktur-cloud run --scheduled` setiap jam.',
};
export const fellBack = (scheduler: Text, because: Text): Text => ({
  en: `not by ${scheduler.en}: ${because.en}`,
  id: `bukan lewat ${scheduler.id}: ${because.id}`,
});

export const noSuchProgram = (program: string): Text => ({
  en: `there is no program ${program}`,
  id: `tidak ada program ${program}`,
});
export const endedWith = (program: string, code: number | null): Text => ({
  en: `${program} ended with ${code ?? 'a signal'} and said nothing`,
  id: `${program} berakhir dengan ${code ?? 'sinyal'} tanpa pesan`,
});

/* What is to be run. */

export const nothingToRun = (folder: string): Text => ({
  en: `there is no profile in ${folder}, so a schedule would back up nothing`,
  id: `tidak ada profil di ${folder}, jadi jadwal tidak akan mencadangkan apa pun`,
});
export const makeProfileFirst: Text = {
  en: 'Run `efaktur-cloud init` first: a schedule reads no .env of a current folder and no settings of a terminal.',
  id: 'Jalankan `efaktur-cloud init` lebih dulu: jadwal tidak membaca .env di folder kerja dan tidak mengenal pengaturan di terminal.',
};
export const unprintable = (word: string): Text => {
  const shown = JSON.stringify(word);
  return {
    en: `no schedule can hold ${shown}: there is a line break or another control character in it`,
    id: `jadwal tidak dapat memuat ${shown}: ada ganti baris atau karakter kontrol lain di dalamnya`,
  };
};
export const nameNoLineBreaks: Text = {
  en: 'Give the file or folder another name, and try again.',
  id: 'Ganti nama file atau foldernya, lalu coba lagi.',
};
export const setOnlyHere = (names: readonly string[]): Text => ({
  en: `the schedule does not know what is set in this terminal alone: ${names.join(', ')}`,
  id: `jadwal tidak mengenal pengaturan yang hanya ada di terminal ini: ${names.join(', ')}`,
});
export const setOnlyHereHint = (folder: string): Text => ({
  en: `Put them into common.env or the file of the profile, in ${folder}.`,
  id: `Tulis semuanya di common.env atau di file profil, di ${folder}.`,
});

/* Windows. */

export const startupOnly: Text = {
  en: 'no task could be made, so the program runs once at each logon, and at no other time',
  id: 'tugas terjadwal tidak dapat dibuat, jadi program berjalan sekali setiap Anda masuk ke Windows, tidak pada waktu lain',
};
export const programOnShare = (path: string): Text => ({
  en: `the program lies on a share of the network (${path})`,
  id: `program ini terletak di folder bersama di jaringan (${path})`,
});
export const startupOnlyHint: Text = {
  en: 'Ask an administrator of this PC to allow tasks, then run `efaktur-cloud schedule install` again.',
  id: 'Minta administrator komputer ini mengizinkan tugas terjadwal, lalu jalankan lagi `efaktur-cloud schedule install`.',
};
export const taskOfOther = (user: string): Text => ({
  en: `another user of this PC (${user}) has the task of that name`,
  id: `pengguna lain di komputer ini (${user}) sudah memiliki tugas dengan nama itu`,
});
export const taskWithoutLogon: Text = {
  en: 'Windows takes the task without a start at logon: what was missed is run some minutes later, as the Task Scheduler does',
  id: 'Windows menerima tugasnya tanpa dijalankan saat masuk: yang terlewat dijalankan beberapa menit kemudian oleh Penjadwal Tugas',
};
export const notStartedByWindows = (code: string): Text => ({
  en: `Windows could not start the program the last time (${code})`,
  id: `Windows tidak dapat menjalankan program terakhir kali (${code})`,
});

/* systemd. */

export const noSystemd: Text = {
  en: 'systemd does not answer for this user',
  id: 'systemd tidak menjawab untuk pengguna ini',
};
export const lingeringNeeded: Text = {
  en: 'it runs only while you are logged on to this computer',
  id: 'jadwal hanya berjalan selama Anda masuk ke komputer ini',
};
export const lingeringNeededHint = (user: string): Text => ({
  en: `To let it run always: sudo loginctl enable-linger ${user}`,
  id: `Agar selalu berjalan: sudo loginctl enable-linger ${user}`,
});
export const notStartedBySystemd = (status: number): Text => ({
  en: `systemd could not start the program the last time (exit code ${status})`,
  id: `systemd tidak dapat menjalankan program terakhir kali (kode keluar ${status})`,
});

/* cron. */

export const noCron: Text = { en: 'there is no crontab program', id: 'tidak ada program crontab' };
export const cronLineTooLong: Text = {
  en: 'the paths are too long for a line of cron',
  id: 'path-nya terlalu panjang untuk satu baris cron',
};
export const noCronSeen: Text = {
  en: 'the crontab has it, but no cron was seen that would carry it out',
  id: 'jadwal sudah ada di crontab, tetapi tidak terlihat cron yang akan menjalankannya',
};
export const noCronSeenHint: Text = {
  en: 'Start cron on this computer (on Debian and Ubuntu: sudo service cron start).',
  id: 'Jalankan cron di komputer ini (di Debian dan Ubuntu: sudo service cron start).',
};

/* launchd. */

export const notStartedByLaunchd = (code: number): Text => ({
  en: `launchd could not start the program the last time (exit code ${code})`,
  id: `launchd tidak dapat menjalankan program terakhir kali (kode keluar ${code})`,
});

/* Taken away. */

export const notTakenAway = (place: string): Text => ({
  en: `the schedule could not be taken away (${place})`,
  id: `jadwal tidak dapat dihapus (${place})`,
});
export const removeByHand: Text = {
  en: 'Take it away by hand, or as the user or administrator who made it.',
  id: 'Hapus sendiri, atau hapus sebagai pengguna atau administrator yang membuatnya.',
};

/* What is wrong with a schedule. */

export const installAgain: Text = {
  en: 'Run `efaktur-cloud schedule install` again, with the times you want.',
  id: 'Jalankan lagi `efaktur-cloud schedule install` dengan jam yang Anda inginkan.',
};
export const removeAndInstall: Text = {
  en: 'Run `efaktur-cloud schedule install` again: it leaves one.',
  id: 'Jalankan lagi `efaktur-cloud schedule install`: hanya satu yang tersisa.',
};
export const twoSchedules = (one: string, other: string): Text => ({
  en: `there are two schedules: ${one} and ${other}`,
  id: `ada dua jadwal: ${one} dan ${other}`,
});
export const switchedOff = (place: string): Text => ({
  en: `the schedule is switched off (${place})`,
  id: `jadwal dinonaktifkan (${place})`,
});
export const changedByHand = (place: string): Text => ({
  en: `the schedule is not as this program makes it (${place})`,
  id: `jadwal tidak seperti yang dibuat program ini (${place})`,
});
export const callsAnother = (program: string): Text => ({
  en: `the schedule calls another program than this one: ${program}`,
  id: `jadwal memanggil program lain, bukan yang ini: ${program}`,
});
export const programGone = (path: string): Text => ({
  en: `the schedule calls a program that is not there: ${path}`,
  id: `jadwal memanggil program yang tidak ada: ${path}`,
});
export const profileGone = (name: string): Text => ({
  en: `the schedule runs the profile "${name}", which is not there`,
  id: `jadwal menjalankan profil "${name}" yang tidak ada`,
});
export const missedRuns = (last: string | null, couldRunMs: number): Text => {
  const hours = duration(couldRunMs);
  return {
    en: `the schedule has not run ${last === null ? 'yet' : `since ${moment(last).en}`}, though this computer was on and in use for ${hours.en}`,
    id: `jadwal ${last === null ? 'belum pernah berjalan' : `tidak berjalan sejak ${moment(last).id}`}, padahal komputer ini menyala dan dipakai selama ${hours.id}`,
  };
};
const thenByHand = {
  en: 'Run `efaktur-cloud run` by hand to see what happens.',
  id: 'Jalankan `efaktur-cloud run` sendiri untuk melihat apa yang terjadi.',
};
const look = (where: Text): Text => ({
  en: `${where.en}, and run \`efaktur-cloud schedule install\` again. ${thenByHand.en}`,
  id: `${where.id}, lalu jalankan lagi \`efaktur-cloud schedule install\`. ${thenByHand.id}`,
});
export const missedRunsHint = {
  'task-scheduler': look({
    en: 'Look at the history of the task in the Task Scheduler',
    id: 'Lihat riwayat tugasnya di Penjadwal Tugas',
  }),
  startup: look({
    en: 'Look whether the link is switched off in the Task Manager, under Startup',
    id: 'Periksa apakah pintasannya dinonaktifkan di Task Manager, bagian Startup',
  }),
  systemd: look({
    en: 'Look at `journalctl --user -u efaktur-cloud`',
    id: 'Lihat `journalctl --user -u efaktur-cloud`',
  }),
  cron: look({
    en: 'Look whether cron runs on this computer and what it writes to the system log',
    id: 'Periksa apakah cron berjalan di komputer ini dan apa yang ditulisnya di log sistem',
  }),
  launchd: look({
    en: 'Look whether it is switched off in the system settings, under Login Items',
    id: 'Periksa apakah jadwal dinonaktifkan di pengaturan sistem, bagian Item Masuk',
  }),
} as const satisfies Record<string, Text>;
