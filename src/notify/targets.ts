import { createHash } from 'node:crypto';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { EfakturError } from '../base/errors.ts';
import { nearestName } from '../base/nearest.ts';
import { type Text, verbatim } from '../base/text.ts';
import { didYouMean } from '../base/texts.ts';
import type { Config, SettingName } from '../settings/config.ts';
import type { Setting } from '../settings/setting-values.ts';
import { type Answer, type Outgoing, type Preset, presets, textOf } from './presets.ts';
import {
  type Fields,
  fill,
  formOf,
  parsedJson,
  placeholders,
  sampleFields,
  typeOf,
  unknownPlaceholder,
} from './template.ts';
import * as texts from './texts.ts';

/** From the settings of a profile to where its messages go. What is secret of them lives in closures. */

export interface PingTarget {
  readonly kind: 'ping';
  /** The same for the same address; says nothing of it. */
  readonly id: string;
  /** For people, without the address. */
  readonly label: Text;
  /** `signal` is `start`, `log` or an exit code. */
  request(signal: string, body: string | null): Outgoing;
  /** As {@link MessageTarget.refusal}. */
  refusal(answer: Answer): { readonly reason: unknown } | null;
  secrets(): readonly string[];
}

export interface MessageTarget {
  readonly kind: 'message';
  readonly id: string;
  readonly label: Text;
  request(fields: Fields): Outgoing;
  /** Null when the message was taken; else what the service gave as its reason, if anything. */
  refusal(answer: Answer): { readonly reason: unknown } | null;
  /** What may stand in no message. */
  secrets(): readonly string[];
}

type Settings = Pick<Config, 'setting'>;

/** Null where none is set; `usage`, without the address, where it cannot be one. */
export function pingTarget(config: Settings): PingTarget | null {
  const setting = config.setting('EFAKTUR_PING_URL');
  if (setting === null) return null;
  const { url, authorization } = parseAddress(setting);
  const path = url.pathname.replace(/\/+$/, '');
  if (/\/(start|fail|log)$/.test(path)) throw usage(texts.endsInSignal(setting.where), texts.leaveSignalOut);
  return {
    kind: 'ping',
    id: idOf(['ping', url.origin, path, url.search, authorization]),
    label: verbatim('EFAKTUR_PING_URL'),
    request(signal, body) {
      return {
        method: 'POST',
        url: `${url.origin}${path}/${signal}${url.search}`,
        headers: {
          ...(authorization === null ? {} : { authorization }),
          ...(body === null ? {} : { 'content-type': typeOf.plain }),
        },
        body,
      };
    },
    // Of a check that is not there, or is asked too often, some versions say so with a good status code.
    refusal: ({ body }) =>
      /^OK \((not found|rate limited)\)/.test(body) ? { reason: body.slice(0, 20) } : null,
    secrets: () => [url.href],
  };
}

/** Null where nothing is set; `usage`, without what is secret, where the settings do not make a message. */
export function messageTarget(config: Settings): MessageTarget | null {
  const preset = config.setting('EFAKTUR_NOTIFY_PRESET');
  const url = config.setting('EFAKTUR_NOTIFY_URL');
  if (preset !== null) return presetTarget(choosePreset(preset), preset, config);
  if (url !== null) return plainTarget(url, config);
  const lonely = (['TOKEN', 'TO', 'METHOD', 'HEADERS', 'BODY'] as const)
    .map((name) => config.setting(`EFAKTUR_NOTIFY_${name}`))
    .find((setting) => setting !== null);
  if (lonely) throw usage(texts.nobodyToTell(lonely.where), texts.setUrlOrPreset);
  return null;
}

/** What is wrong with the settings of messages. Nothing is asked of any service. */
export function faultsOfMessages(config: Settings): readonly EfakturError[] {
  return [pingTarget, messageTarget].flatMap((targetOf) => {
    try {
      targetOf(config);
      return [];
    } catch (error) {
      if (!(error instanceof EfakturError)) throw error;
      return [error];
    }
  });
}

function choosePreset({ value, where }: Setting): Preset {
  const preset = presets.find(({ id }) => id === value.trim().toLowerCase());
  if (preset) return preset;
  const nearest = nearestName(
    value.trim().toLowerCase(),
    presets.map(({ id }) => id),
  );
  throw usage(texts.noPreset(where), nearest === null ? texts.writePreset : didYouMean(nearest));
}

function presetTarget(preset: Preset, { where }: Setting, config: Settings): MessageTarget {
  const get = (name: SettingName): string | null => config.setting(name)?.value.trim() || null;
  const method = config.setting('EFAKTUR_NOTIFY_METHOD');
  if (method) throw usage(texts.notWithPreset(method.where, preset.id), texts.leaveItOut);
  const own = config.setting('EFAKTUR_NOTIFY_URL');
  const address = own === null ? null : parseAddress(own);
  if (address && address.url.search !== '') throw usage(texts.noQueryHere(address.where), texts.writeServer);
  const server =
    address === null ? preset.server : `${address.url.origin}${address.url.pathname}`.replace(/\/+$/, '');
  const token = get('EFAKTUR_NOTIFY_TOKEN')?.replace(/^bot(?=\d+:)/i, '') ?? null;
  const to = get('EFAKTUR_NOTIFY_TO');
  // The address of a topic is what ntfy's own page shows.
  const hasTopic =
    preset.id === 'ntfy' && address !== null && address.url.pathname.replace(/\/+$/, '') !== '';
  if (preset.needsToken && token === null)
    throw usage(texts.presetNeeds(where, preset.label, 'EFAKTUR_NOTIFY_TOKEN'), texts.howToGet[preset.id]);
  if (preset.needsTo && to === null && !hasTopic)
    throw usage(texts.presetNeeds(where, preset.label, 'EFAKTUR_NOTIFY_TO'), texts.howToGet[preset.id]);
  if (token !== null && !preset.token.test(token))
    throw usage(texts.noToken(preset.label), texts.howToGet[preset.id]);
  const template = templateOf(config);
  const headers = headersOf(config);
  return {
    kind: 'message',
    id: idOf([
      'message',
      preset.id,
      server,
      token,
      to,
      address?.authorization ?? null,
      ...Object.entries(headers).flat(),
    ]),
    label: verbatim(preset.label),
    request(fields) {
      const made = preset.request(server, token, to, textOf(template, fields));
      const login = address?.authorization ?? null;
      return {
        ...made,
        headers: { ...(login === null ? {} : { authorization: login }), ...made.headers, ...headers },
      };
    },
    refusal({ body }) {
      const answer = parsedJson(body);
      return preset.refuses(answer) ? { reason: preset.reason(answer) } : null;
    },
    secrets: () => [server, token, to].filter((one) => one !== null && one !== preset.server).map(String),
  };
}

function plainTarget(setting: Setting, config: Settings): MessageTarget {
  const { value, where } = setting;
  refuseUnknownIn(value, where);
  if (/^[a-z]+:\/\/[^/?#]*\{\w+\}/i.test(value))
    throw usage(texts.placeholderInHost(where), texts.placeholderBehindHost);
  const filled = (fields: Fields): string => fill(value, fields, 'url');
  const { authorization } = parseAddress({ where, value: filled(sampleFields) });
  const method = (config.setting('EFAKTUR_NOTIFY_METHOD')?.value ?? 'POST').trim().toUpperCase();
  if (!['GET', 'POST', 'PUT', 'PATCH'].includes(method)) throw usage(texts.noMethod, texts.writeMethod);
  const headers = headersOf(config);
  const own = templateOf(config);
  if (method === 'GET' && own !== null) throw usage(texts.getHasNoBody, texts.putInAddress);
  const template = method === 'GET' ? null : (own ?? defaultBody);
  const contentType = headers['content-type'] ?? null;
  const form = formOf(template ?? '', contentType);
  if (template !== null && form === 'json' && parsedJson(fill(template, sampleFields, 'json')) === undefined)
    throw usage(texts.bodyNoJson, texts.writeJson);
  return {
    kind: 'message',
    id: idOf(['message', method, value, ...Object.entries(headers).flat()]),
    label: verbatim('EFAKTUR_NOTIFY_URL'),
    request(fields) {
      const body =
        template === null
          ? null
          : fill(form === 'plain' ? template.replaceAll('\\n', '\n') : template, fields, form);
      return {
        method,
        url: parseAddress({ where, value: filled(fields) }).url.href,
        headers: {
          ...(body === null || form === 'url' ? {} : { 'content-type': typeOf[form] }),
          ...(authorization === null ? {} : { authorization }),
          ...headers,
        },
        body,
      };
    },
    refusal: () => null,
    secrets: () => [value, ...Object.values(headers)],
  };
}

/** As chats, automations and pages of one's own take it: `text` is what Slack, Mattermost and Google Chat show. */
const defaultBody =
  '{"text":"{text}","status":"{status}","name":"{name}","age":"{age}","hint":"{hint}","outcome":"{outcome}","exit":{exit}}';

function templateOf(config: Settings): string | null {
  const setting = config.setting('EFAKTUR_NOTIFY_BODY');
  if (setting === null) return null;
  refuseUnknownIn(setting.value, setting.where);
  return setting.value;
}

function refuseUnknownIn(template: string, where: Text): void {
  const unknown = unknownPlaceholder(template);
  if (unknown === null) return;
  const nearest = nearestName(unknown.toLowerCase(), placeholders);
  throw usage(
    texts.noPlaceholder(where),
    nearest === null
      ? texts.placeholdersAre(placeholders.map((one) => `{${one}}`).join(' '))
      : didYouMean(`{${nearest}}`),
  );
}

/** Headers that are HTTP's own business. */
const ownHeaders = /^(host|content-length|transfer-encoding|connection|expect|upgrade|te|trailer)$/;

/** `NAME: VALUE; NAME: VALUE`, or a JSON object. A `;` that no name follows is part of a value. */
function headersOf(config: Settings): Readonly<Record<string, string>> {
  const setting = config.setting('EFAKTUR_NOTIFY_HEADERS');
  if (setting === null) return {};
  const text = setting.value.trim();
  const pairs = text.startsWith('{')
    ? pairsOfJson(text)
    : text.split(/;\s*(?=[\w!#$%&'*+.^`|~-]+:\s)/).map(pairOf);
  if (pairs === null) throw usage(texts.noHeaders(setting.where), texts.writeHeaders);
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const isName = /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !ownHeaders.test(name);
    if (!isName || !/^[\t\x20-\x7e]*$/.test(value) || name in headers)
      throw usage(texts.noHeaders(setting.where), texts.writeHeaders);
    headers[name] = value;
  }
  return headers;
}

function pairOf(text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^([^:]*):(.*)$/s.exec(text.replace(/;\s*$/, '')) ?? [];
  return [name.trim().toLowerCase(), value.trim()];
}

function pairsOfJson(text: string): readonly (readonly [string, string])[] | null {
  const value = parsedJson(text);
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return null;
  return entries.map(([name, one]) => [name.trim().toLowerCase(), one.trim()]);
}

interface Address {
  readonly url: URL;
  readonly where: Text;
  /** Of user and password in the address, which no request line holds. */
  readonly authorization: string | null;
}

/** Never shows the value: it may be all that one has to know. */
function parseAddress({ value, where }: Setting): Address {
  const url = URL.parse(value.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw usage(texts.noWebAddress(where), texts.writeWebAddress);
  if (url.protocol === 'http:' && !isNear(url.hostname))
    throw usage(texts.readOnTheWay(where), texts.writeHttps);
  const login = [url.username, url.password].map(decoded).join(':');
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    url,
    where,
    authorization: login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const nearAddresses = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  nearAddresses.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  nearAddresses.addSubnet(net, bits, 'ipv6');

/** Whether an address is of this PC or of the office: what is sent there without TLS does not cross the internet. */
function isNear(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(host) !== 0) return nearAddresses.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
  return !host.includes('.') || /\.(localhost|local|lan|internal|home\.arpa)$/.test(host);
}

const idOf = (parts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);

const usage = (message: Text, hint: Text): EfakturError => new EfakturError('usage', message, hint);
