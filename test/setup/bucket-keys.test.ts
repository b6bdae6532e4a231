import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verbatim } from '../../src/base/text.ts';
import { parseKeys, readKeysFile } from '../../src/setup/bucket-keys.ts';
import { tempFolder } from '../base/temp-folder.ts';

/** The two keys of a bucket, in each form that providers give them. */

const [id, key] = ['AKIAEXAMPLE0000000', 'w/Example+Key=0000000000000000000000abcd'];

test.each([
  ['Amazon, now', `Access key ID,Secret access key\r\n${id},${key}\r\n`],
  [
    'Amazon, of a user',
    `User name,Password,Access key ID,Secret access key,Console login link\nkasir,,${id},${key},https://x\n`,
  ],
  ['Amazon, rootkey.csv', `AWSAccessKeyId=${id}\nAWSSecretKey=${key}\n`],
  ['with a byte order mark and quotes', `\ufeff"Access Key Id","Secret Access Key"\n"${id}","${key}"`],
  ['Alibaba', `AccessKey ID,AccessKey Secret\n${id},${key}\n`],
  ['Tencent', `SecretId,SecretKey\n${id},${key}\n`],
  ['semicolons', `access_key;secret_key\n${id};${key}\n`],
  [
    'an AWS credentials file',
    `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\nregion = id-jkt-1\n`,
  ],
  ['shell lines', `export AWS_ACCESS_KEY_ID=${id}\nexport AWS_SECRET_ACCESS_KEY='${key}'\n`],
  ['words and colons', `Access Key: ${id}\nSecret Key: ${key}\n`],
  ['MinIO', JSON.stringify({ url: 'https://x', accessKey: id, secretKey: key, api: 's3v4' })],
  [
    'the aws command',
    JSON.stringify({ AccessKey: { UserName: 'k', AccessKeyId: id, SecretAccessKey: key } }),
  ],
  ['two lines', `${id}\n${key}\n`],
  ['two lines of Notepad, with more around them', `\r\n  ${id}\r\n\r\n${key}  \r\n`],
])('%s', (_, text) => {
  const keys = parseKeys(text, verbatim('keys.csv'));
  expect([keys.accessKeyId, keys.secretAccessKey.reveal()]).toEqual([id, key]);
});

test.each([
  ['nothing', '', 'keys.csv is empty'],
  ['one line', `${id}\n`, 'are not to be found in it'],
  ['three lines', `${id}\n${key}\nhello\n`, 'are not to be found in it'],
  ['a key alone', `secret_key=${key}\n`, 'are not to be found in it'],
  ['two users', `Access key ID,Secret access key\n${id},${key}\n${id},${key}\n`, 'more than one pair'],
  ['two sections', `[a]\naws_access_key_id=${id}\n[b]\naws_access_key_id=${id}\n`, 'more than one pair'],
  [
    'keys that end',
    `aws_access_key_id=${id}\naws_secret_access_key=${key}\naws_session_token=abc\n`,
    'temporary keys',
  ],
])('%s is refused without showing a part of it', (_, text, says) => {
  const thrown = (): unknown => {
    try {
      return parseKeys(text, verbatim('keys.csv'));
    } catch (error) {
      return error;
    }
  };
  expect(thrown()).toMatchObject({ code: 'usage', message: expect.stringContaining(says) });
  expect(JSON.stringify(thrown()) + String(thrown())).not.toContain(key);
});

test('a file is read in the encodings of Windows; one that is not there is told', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'k.txt'), Buffer.from(`\ufeff${id}\r\n${key}\r\n`, 'utf16le'));
  expect((await readKeysFile('k.txt', folder)).accessKeyId).toBe(id);
  await expect(readKeysFile('none.csv', folder)).rejects.toMatchObject({ code: 'usage' });
});
