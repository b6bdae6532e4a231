import type { Text } from '../base/text.ts';

/* Addresses of stores and the settings that go with them (open.ts). `where` is the setting, or the place in the address. */

/** A part of the address, as `region=`. */
export const inAddress = (name: string): Text => ({
  en: `${name}= in the store address`,
  id: `${name}= pada alamat tempat cadangan`,
});

export const emptyAddress: Text = {
  en: 'the store address is empty',
  id: 'alamat tempat cadangan kosong',
};
export const writeAddress: Text = {
  en: 'Write s3://BUCKET/PREFIX, or a folder.',
  id: 'Tulis s3://BUCKET/PREFIX, atau sebuah folder.',
};
export const noKindOfStore = (scheme: string): Text => ({
  en: `${scheme}:// is no kind of store`,
  id: `${scheme}:// bukan jenis tempat cadangan`,
});
export const writeS3WithEndpoint: Text = {
  en: 'For an S3 service write s3://BUCKET/PREFIX?endpoint=https://HOST.',
  id: 'Untuk layanan S3 tulis s3://BUCKET/PREFIX?endpoint=https://HOST.',
};
export const writeS3: Text = {
  en: 'Write s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME, in quotes.',
  id: 'Tulis s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAMA, dalam tanda kutip.',
};
export const notS3Address: Text = {
  en: 'the address of an S3 store begins with s3://',
  id: 'alamat tempat cadangan S3 harus diawali s3://',
};

export const theStoreAddress: Text = { en: 'the store address', id: 'alamat tempat cadangan' };
export const holdsCredentials = (where: Text): Text => ({
  en: `${where.en} holds credentials, which everybody could read`,
  id: `${where.id} memuat kunci akses, sehingga dapat dibaca siapa saja`,
});
export const setKeysInstead: Text = {
  en: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.',
  id: 'Isi AWS_ACCESS_KEY_ID dan AWS_SECRET_ACCESS_KEY, atau sebutkan profil.',
};
export const bucketLooksLikeKey: Text = {
  en: 'the name of the bucket in the store address looks like a key',
  id: 'nama bucket pada alamat tempat cadangan tampak seperti kunci',
};
export const noBucketName = (bucket: string): Text => ({
  en: `"${bucket}" cannot be the name of a bucket`,
  id: `"${bucket}" tidak dapat menjadi nama bucket`,
});
export const hashInAddress: Text = {
  en: 'the store address has a # in it',
  id: 'ada tanda # dalam alamat tempat cadangan',
};
export const otherPrefix: Text = {
  en: 'A prefix cannot hold one; choose another.',
  id: 'Prefix tidak boleh memuat tanda itu; pilih yang lain.',
};
export const dotsInPrefix: Text = {
  en: 'the prefix of the store address has a . or .. in it',
  id: 'ada . atau .. dalam prefix pada alamat tempat cadangan',
};
export const writeInFull: Text = { en: 'Write it in full.', id: 'Tulis selengkapnya.' };
export const noStyle: Text = {
  en: 'style= in the store address is neither path nor virtual',
  id: 'style= pada alamat tempat cadangan bukan path dan bukan virtual',
};
export const leaveOutOrOneOfThem: Text = {
  en: 'Leave it out, or write one of them.',
  id: 'Hapus bagian itu, atau tulis salah satunya.',
};
export const noStorageClass: Text = {
  en: 'storage-class= in the store address cannot be a storage class',
  id: 'storage-class= pada alamat tempat cadangan bukan storage class',
};
export const writeStorageClass: Text = {
  en: 'Write a name such as STANDARD_IA.',
  id: 'Tulis namanya, misalnya STANDARD_IA.',
};
export const unknownInAddress = (name: string): Text => ({
  en: `the store address sets "${name}", which is not known`,
  id: `alamat tempat cadangan memuat "${name}", yang tidak dikenal`,
});
export const knownInAddress = (names: readonly string[]): Text => ({
  en: `Known are ${names.join(', ')}.`,
  id: `Yang dikenal: ${names.join(', ')}.`,
});
export const setTwice = (name: string): Text => ({
  en: `the store address sets ${name}= twice`,
  id: `${name}= ditulis dua kali pada alamat tempat cadangan`,
});
export const leaveOneOut: Text = { en: 'Leave one of them out.', id: 'Hapus salah satunya.' };
export const isEmpty = (where: Text): Text => ({ en: `${where.en} is empty`, id: `${where.id} kosong` });
export const giveValue: Text = {
  en: 'Give it a value or leave it out.',
  id: 'Isi nilainya, atau hapus bagian itu.',
};

export const noWebAddress = (where: Text): Text => ({
  en: `${where.en} is no web address`,
  id: `${where.id} bukan alamat web`,
});
/** As the files of AWS call it. */
export const endpointInProfile: Text = {
  en: 'endpoint_url of the AWS profile',
  id: 'endpoint_url pada profil AWS',
};
export const queryInside = (where: Text): Text => ({
  en: `${where.en} has a ? or # in it`,
  id: `ada tanda ? atau # dalam ${where.id}`,
});
export const writeEndpoint: Text = {
  en: 'Write it like https://HOST or http://HOST:PORT.',
  id: 'Tulis seperti https://HOST atau http://HOST:PORT.',
};

export const theFileAddress: Text = { en: 'the file address', id: 'alamat file' };
export const notFileAddress: Text = {
  en: 'the file address is not one',
  id: 'alamat file tidak benar',
};
export const namesNoFolder: Text = {
  en: 'the file address names no folder here',
  id: 'alamat file tidak menunjuk folder di komputer ini',
};
export const writeFileAddress: Text = {
  en: 'Write file:///DIR, or just the folder.',
  id: 'Tulis file:///FOLDER, atau foldernya saja.',
};
export const encodeThem: Text = {
  en: 'Write %3F or %23, or just the folder.',
  id: 'Tulis %3F atau %23, atau foldernya saja.',
};

export const regionIsKey = (where: Text): Text => ({
  en: `${where.en} is a key, it seems, which cannot be a region`,
  id: `${where.id} tampaknya berisi kunci, bukan region`,
});
export const noRegionName = (where: Text, region: string): Text => ({
  en: `${where.en} is "${region}", which cannot be a region`,
  id: `${where.id} berisi "${region}", yang tidak dapat menjadi region`,
});
export const howRegionsLook: Text = {
  en: 'Regions are made of letters, digits and hyphens, such as ap-southeast-3 or us-east-1. Leave it out if the provider names none.',
  id: 'Region terdiri dari huruf, angka, dan tanda hubung, misalnya ap-southeast-3 atau us-east-1. Kosongkan jika penyedia tidak menyebutkannya.',
};

export const lineBreak: Text = { en: 'a line break', id: 'ganti baris' };
export const blank: Text = { en: 'a blank', id: 'spasi' };
export const character: Text = { en: 'a character', id: 'karakter' };
export const noKeyHas = (name: string, what: Text): Text => ({
  en: `${name} has ${what.en} in it, which no key has`,
  id: `${name} memuat ${what.id} yang tidak ada dalam kunci mana pun`,
});
export const copyAgain: Text = {
  en: 'Copy it again, without what stands around it.',
  id: 'Salin lagi kuncinya saja, tanpa yang ada di sekitarnya.',
};

/* Proxies (proxies.ts). */

export const noProxyAddress = (name: string): Text => ({
  en: `${name} is no address of an HTTP proxy`,
  id: `${name} bukan alamat proxy HTTP`,
});
export const writeProxy: Text = {
  en: 'Write it like http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT.',
  id: 'Tulis seperti http://HOST:PORT, atau http://USER:PASSWORD@HOST:PORT.',
};

/* The CA file (ca-file.ts). */

export const caFile = (path: string, what: Text): Text => ({
  en: `the CA file ${path} of AWS_CA_BUNDLE ${what.en}`,
  id: `file CA ${path} dari AWS_CA_BUNDLE ${what.id}`,
});
export const cannotBeOpened = (code: string): Text => ({
  en: `cannot be read (${code})`,
  id: `tidak dapat dibaca (${code})`,
});
export const checkCaBundle: Text = { en: 'Check AWS_CA_BUNDLE.', id: 'Periksa AWS_CA_BUNDLE.' };
export const holdsNoneAt = (at: number): Text => ({
  en: `holds a certificate that is none (number ${at})`,
  id: `memuat sertifikat yang tidak benar (nomor ${at})`,
});
export const holdsNone: Text = { en: 'holds no certificate', id: 'tidak berisi sertifikat' };
export const exportAsBase64: Text = {
  en: 'In Windows export it as "Base-64 encoded X.509 (.CER)".',
  id: 'Di Windows, ekspor sebagai "Base-64 encoded X.509 (.CER)".',
};
export const emptyFile: Text = { en: 'is empty', id: 'kosong' };
export const getAnew: Text = {
  en: 'Get it anew from whoever keeps the proxy.',
  id: 'Minta lagi file itu kepada pengelola proxy.',
};
export const isPkcs7: Text = {
  en: 'is a collection of certificates in PKCS #7 form (.p7b), which is not read',
  id: 'adalah kumpulan sertifikat PKCS #7 (.p7b), yang tidak dapat dipakai',
};
export const convertPkcs7: Text = {
  en: `${exportAsBase64.en} Or: openssl pkcs7 -print_certs -in FILE -out ca.pem, with -inform DER if it is binary.`,
  id: `${exportAsBase64.id} Atau: openssl pkcs7 -print_certs -in FILE -out ca.pem, dengan -inform DER jika filenya biner.`,
};
