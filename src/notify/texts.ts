import { count } from '../base/phrases.ts';
import type { Text } from '../base/text.ts';

/* What a message says (message.ts). */

export const product = 'eFaktur Cloud';
export const defaultName = (number: number): string => `profil-${number}`;

export const safe: Text = { en: 'safe', id: 'aman' };
export const stillSafe: Text = { en: 'still safe', id: 'masih aman' };
export const safeAgain: Text = { en: 'safe again', id: 'aman kembali' };
export const needsAttention: Text = { en: 'needs attention', id: 'perlu perhatian' };
export const stillNeedsAttention: Text = { en: 'still needs attention', id: 'masih perlu perhatian' };
export const needAttention: Text = { en: 'need attention', id: 'perlu perhatian' };
export const failed: Text = { en: 'failed', id: 'gagal' };
export const stillFailing: Text = { en: 'still failing', id: 'masih gagal' };

export const lessThanAnHour: Text = { en: 'less than an hour', id: 'kurang dari satu jam' };
export const ageNotKnown: Text = { en: 'age not known', id: 'umur tidak diketahui' };
export const newestBackupIs = (age: Text): Text => ({
  en: `newest backup: ${age.en}`,
  id: `cadangan terbaru: ${age.id}`,
});
export const oldestIs = (age: Text): Text => ({
  en: `the oldest of the newest backups: ${age.en}`,
  id: `cadangan terbaru yang paling lama: ${age.id}`,
});
export const andMore = (more: number): Text => ({
  en: `and ${count(more, 'profile').en} more`,
  id: `dan ${count(more, 'profile').id} lagi`,
});
export const weekly: Text = { en: 'weekly message', id: 'kabar mingguan' };
export const testMessage: Text = { en: 'TEST MESSAGE', id: 'PESAN UJI' };
export const testHint: Text = {
  en: 'This is a test: nothing has happened.',
  id: 'Ini hanya uji: tidak terjadi apa-apa.',
};

/* Where messages go (targets.ts). `where` is the setting. */

export const noWebAddress = (where: Text): Text => ({
  en: `${where.en}: what is set there is no web address`,
  id: `${where.id}: yang tertulis di sana bukan alamat web`,
});
export const writeWebAddress: Text = {
  en: 'Write it as https://…, as the service shows it.',
  id: 'Tulis seperti https://…, persis seperti yang ditampilkan layanannya.',
};
export const readOnTheWay = (where: Text): Text => ({
  en: `${where.en} is an address with http://, which anybody on the way could read`,
  id: `${where.id} adalah alamat http://, yang dapat dibaca siapa saja di perjalanannya`,
});
export const writeHttps: Text = {
  en: 'Write https://; http:// is taken for this PC and the office network alone.',
  id: 'Tulis https://; http:// hanya diterima untuk komputer ini dan jaringan kantor.',
};
export const endsInSignal = (where: Text): Text => ({
  en: `${where.en} ends in /start, /fail or /log, which is added by itself`,
  id: `${where.id} berakhir dengan /start, /fail, atau /log, yang ditambahkan sendiri oleh program`,
});
export const leaveSignalOut: Text = {
  en: 'Write the address of the check without it.',
  id: 'Tulis alamatnya tanpa akhiran itu.',
};
export const noQueryHere = (where: Text): Text => ({
  en: `${where.en} has a ? in it, but beside a preset it is the address of a server`,
  id: `${where.id} berisi ?, padahal bersama preset ini adalah alamat server`,
});
export const writeServer: Text = {
  en: 'Write the address of your own server alone, or leave it out.',
  id: 'Tulis alamat server Anda saja, atau hapus pengaturan itu.',
};
export const nobodyToTell = (where: Text): Text => ({
  en: `${where.en} is set, but neither EFAKTUR_NOTIFY_PRESET nor EFAKTUR_NOTIFY_URL`,
  id: `${where.id} diatur, tetapi EFAKTUR_NOTIFY_PRESET dan EFAKTUR_NOTIFY_URL tidak`,
});
export const setUrlOrPreset: Text = {
  en: 'Set one of the two: it says where messages go.',
  id: 'Atur salah satunya: itulah yang menentukan ke mana pesan dikirim.',
};
export const noPreset = (where: Text): Text => ({
  en: `${where.en}: there is no such preset`,
  id: `${where.id}: tidak ada preset seperti itu`,
});
export const writePreset: Text = {
  en: 'Write fonnte, telegram or ntfy; for any other service leave it out and set EFAKTUR_NOTIFY_URL.',
  id: 'Tulis fonnte, telegram, atau ntfy; untuk layanan lain hapus pengaturan itu dan atur EFAKTUR_NOTIFY_URL.',
};
export const notWithPreset = (where: Text, preset: string): Text => ({
  en: `${where.en} is set, but the preset ${preset} has its own`,
  id: `${where.id} diatur, tetapi preset ${preset} sudah menentukannya`,
});
export const leaveItOut: Text = { en: 'Leave it out.', id: 'Hapus pengaturan itu.' };
export const presetNeeds = (where: Text, service: string, name: string): Text => ({
  en: `${where.en}: ${service} needs ${name}, too`,
  id: `${where.id}: ${service} juga memerlukan ${name}`,
});
export const noToken = (service: string): Text => ({
  en: `EFAKTUR_NOTIFY_TOKEN: what is set there is no token of ${service}`,
  id: `EFAKTUR_NOTIFY_TOKEN: yang tertulis di sana bukan token ${service}`,
});
export const howToGet: Readonly<Record<'fonnte' | 'telegram' | 'ntfy', Text>> = {
  fonnte: {
    en: 'EFAKTUR_NOTIFY_TOKEN is the token of your device at fonnte.com, EFAKTUR_NOTIFY_TO the WhatsApp number that gets the messages.',
    id: 'EFAKTUR_NOTIFY_TOKEN adalah token perangkat Anda di fonnte.com, EFAKTUR_NOTIFY_TO nomor WhatsApp yang menerima pesan.',
  },
  telegram: {
    en: 'EFAKTUR_NOTIFY_TOKEN is what @BotFather gave you for your bot (digits, a colon, letters), EFAKTUR_NOTIFY_TO the id of the chat; write to the bot once, so that it may answer.',
    id: 'EFAKTUR_NOTIFY_TOKEN adalah yang diberikan @BotFather untuk bot Anda (angka, titik dua, huruf), EFAKTUR_NOTIFY_TO ID chat-nya; kirim satu pesan ke bot itu dahulu supaya ia boleh membalas.',
  },
  ntfy: {
    en: 'EFAKTUR_NOTIFY_TO is your topic: a name that nobody guesses, as who knows it reads the messages.',
    id: 'EFAKTUR_NOTIFY_TO adalah topik Anda: pilih nama yang tidak mudah ditebak, karena siapa pun yang tahu dapat membaca pesannya.',
  },
};
export const placeholderInHost = (where: Text): Text => ({
  en: `${where.en}: a word in braces stands in the name of the server`,
  id: `${where.id}: ada kata dalam kurung kurawal di nama server`,
});
export const placeholderBehindHost: Text = {
  en: 'Put it behind the first single /.',
  id: 'Letakkan setelah garis miring (/) tunggal yang pertama.',
};
export const noMethod: Text = {
  en: 'EFAKTUR_NOTIFY_METHOD: what is set there is no method for a message',
  id: 'EFAKTUR_NOTIFY_METHOD: yang tertulis di sana bukan metode untuk pesan',
};
export const writeMethod: Text = {
  en: 'Write POST, PUT, PATCH or GET.',
  id: 'Tulis POST, PUT, PATCH, atau GET.',
};
export const getHasNoBody: Text = {
  en: 'EFAKTUR_NOTIFY_BODY is set, but a message by GET has no body',
  id: 'EFAKTUR_NOTIFY_BODY diatur, padahal pesan dengan GET tidak mempunyai isi',
};
export const putInAddress: Text = {
  en: 'Put {text} into the address, or leave EFAKTUR_NOTIFY_METHOD out.',
  id: 'Letakkan {text} di dalam alamatnya, atau hapus EFAKTUR_NOTIFY_METHOD.',
};
export const bodyNoJson: Text = {
  en: 'EFAKTUR_NOTIFY_BODY is no JSON',
  id: 'EFAKTUR_NOTIFY_BODY bukan JSON',
};
export const writeJson: Text = {
  en: 'Write it like {"text":"{text}"}, each text in double quotes, and all of it in single quotes in a settings file.',
  id: 'Tulis seperti {"text":"{text}"}, setiap teks dalam tanda kutip ganda, dan seluruhnya dalam tanda kutip tunggal di file pengaturan.',
};
export const noPlaceholder = (where: Text): Text => ({
  en: `${where.en}: a word in braces is none that can be filled in`,
  id: `${where.id}: ada kata dalam kurung kurawal yang tidak dapat diisi`,
});
export const placeholdersAre = (all: string): Text => ({
  en: `These can: ${all}`,
  id: `Yang dapat diisi: ${all}`,
});
export const noHeaders = (where: Text): Text => ({
  en: `${where.en}: what is set there is no list of headers`,
  id: `${where.id}: yang tertulis di sana bukan daftar header`,
});
export const writeHeaders: Text = {
  en: 'Write Name: value, several separated by ; and each once; Host and Content-Length are not yours to set.',
  id: 'Tulis Nama: nilai, beberapa dipisahkan dengan ; dan masing-masing sekali; Host dan Content-Length tidak dapat diatur.',
};

/* What became of a message (deliver.ts). */

export const theService: Text = { en: 'the service', id: 'layanannya' };
export const noAnswerInTime: Text = {
  en: 'the service did not answer within 10 seconds',
  id: 'layanannya tidak menjawab dalam 10 detik',
};
export const tryLater: Text = {
  en: 'It is tried again at the next run.',
  id: 'Akan dicoba lagi pada putaran berikutnya.',
};
export const checkNetworkAndAddress: Text = {
  en: 'Check the network and the address; it is tried again at the next run.',
  id: 'Periksa sambungan internet dan alamatnya; akan dicoba lagi pada putaran berikutnya.',
};
export const redirected = (status: number): Text => ({
  en: `the service points to another address (${status}), which is not followed`,
  id: `layanannya menunjuk ke alamat lain (${status}), yang tidak diikuti`,
});
export const writeNewAddress: Text = {
  en: 'Open the address in a browser and write the one that it ends at.',
  id: 'Buka alamat itu di browser, lalu tulis alamat tujuannya.',
};
export const nothingSaid: Text = { en: 'it gave no reason', id: 'tanpa alasan' };
export const refused = (reason: Text): Text => ({
  en: `the service did not take the message: ${reason.en}`,
  id: `layanannya tidak menerima pesan itu: ${reason.id}`,
});
export const answeredWith = (status: number, reason: Text | null): Text =>
  reason === null
    ? { en: `the service answered ${status}`, id: `layanannya menjawab ${status}` }
    : {
        en: `the service answered ${status}: ${reason.en}`,
        id: `layanannya menjawab ${status}: ${reason.id}`,
      };
export const checkAddress: Text = {
  en: 'Check the address: the service does not know it.',
  id: 'Periksa alamatnya: layanannya tidak mengenalnya.',
};
export const checkAddressAndToken: Text = {
  en: 'Check address, token and receiver, then run efaktur-cloud notify --test.',
  id: 'Periksa alamat, token, dan penerimanya, lalu jalankan efaktur-cloud notify --test.',
};
export const wait: Text = {
  en: 'The service takes no more messages for now; it is tried again at the next run.',
  id: 'Layanannya untuk sementara tidak menerima pesan lagi; akan dicoba lagi pada putaran berikutnya.',
};

/* What is told of it on this PC (notify.ts). */

/** `names` as messages call the profiles. */
export const notDelivered = (service: Text, names: Text, because: Text): Text => ({
  en: `no message went to ${service.en} (${names.en}): ${because.en}`,
  id: `pesan tidak terkirim ke ${service.id} (${names.id}): ${because.id}`,
});
export const settingsOfMessages: Text = { en: 'anybody', id: 'siapa pun' };
export const ownMistake = (name: string): Text => ({
  en: `this program met a mistake of its own (${name})`,
  id: `ada kesalahan di dalam program ini (${name})`,
});
export const reportMistake: Text = {
  en: 'Please report it.',
  id: 'Mohon laporkan kesalahan ini.',
};
