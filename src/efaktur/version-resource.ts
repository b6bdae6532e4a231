import { NtExecutable, NtExecutableResource, Resource } from 'resedit';

/** The version resource of a PE file, or null where it has none. Loaded only where there is an exe: the library is large. */
export function versionResource(bytes: Buffer): Resource.VersionInfo | null {
  const exe = NtExecutable.from(bytes, { ignoreCert: true });
  const [info] = Resource.VersionInfo.fromEntries(NtExecutableResource.from(exe, true).entries);
  return info ?? null;
}
