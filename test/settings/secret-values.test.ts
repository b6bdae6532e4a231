import { expect, test } from 'vitest';
import { secretValues, withoutValues } from '../../src/settings/secret-values.ts';

const config = {
  connectionEnv: {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG',
    AWS_REGION: 'ap-southeast-3',
    HTTPS_PROXY: 'http://office:pr0xy-word@proxy.example.com:3128',
  },
  setting: (name: string) =>
    name === 'EFAKTUR_PING_URL' ? { value: 'https://hc-ping.com/0b1c', where: { en: '', id: '' } } : null,
};

test('keys, passwords of proxies and addresses of messages are taken out of a text, names are not', () => {
  const values = secretValues(config as Parameters<typeof secretValues>[0]);
  const text =
    'AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG in ap-southeast-3 by http://office:pr0xy-word@proxy.example.com:3128, ' +
    'pr0xy-word, https://hc-ping.com/0b1c/start';
  expect(withoutValues(text, values)).toBe(
    'AKIAIOSFODNN7EXAMPLE [secret] in ap-southeast-3 by [secret], [secret], [secret]/start',
  );
});
