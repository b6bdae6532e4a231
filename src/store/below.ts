import type { ObjectStore } from './store.ts';

/** What lies below one prefix of a store, as a store of its own. Closing it closes nothing. */
export function storeBelow(store: ObjectStore, prefix: string, url: string): ObjectStore {
  return {
    url,
    traits: store.traits,
    traffic: store.traffic,
    put: (key, ...rest) => store.put(prefix + key, ...rest),
    get: (key, ...rest) => store.get(prefix + key, ...rest),
    async *list(below, options) {
      const { startAfter } = options ?? {};
      const from = startAfter === undefined ? {} : { startAfter: prefix + startAfter };
      for await (const page of store.list(prefix + below, { ...options, ...from }))
        yield {
          ...page,
          objects: page.objects.map((one) => ({ ...one, key: one.key.slice(prefix.length) })),
        };
    },
    delete: (key, ...rest) => store.delete(prefix + key, ...rest),
    lockOf: (key, ...rest) => store.lockOf(prefix + key, ...rest),
    relock: (key, ...rest) => store.relock(prefix + key, ...rest),
    discardUpload: (key, ...rest) => store.discardUpload(prefix + key, ...rest),
    async unfinishedUploads(below, ...rest) {
      const uploads = await store.unfinishedUploads(prefix + below, ...rest);
      return uploads.map((one) => ({ ...one, key: one.key.slice(prefix.length) }));
    },
    close() {},
  };
}

/** The address of a prefix or folder below a store's, for people: what stands behind `?` is left out. */
export function addressBelow(url: string, prefix: string): string {
  const name = prefix.replace(/\/$/, '');
  const address = /^s3:/i.test(url) ? url.replace(/\?.*$/s, '') : url;
  if (name === '') return address;
  const isWindowsPath = address.includes('\\') && !address.includes('/');
  const separator = isWindowsPath ? '\\' : '/';
  return `${address.replace(/[\\/]+$/, '')}${separator}${name.replaceAll('/', separator)}`;
}
