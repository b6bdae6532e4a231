import type { JudgedDatabase } from '../../catalog/manifest.ts';
import type { SetVerdict } from '../../derby/judge.ts';

/** Verdicts as manifests keep them. */

export const judgedFacts = ({ databases }: SetVerdict): JudgedDatabase[] =>
  databases.map(({ database, verdict, derbyVersion, derbyBuild, schemaFingerprint, tables }) => ({
    name: database,
    verdict,
    ...(derbyVersion !== null && { derbyVersion }),
    ...(derbyBuild !== null && { derbyBuild }),
    ...(schemaFingerprint !== null && { schemaFingerprint }),
    tables,
  }));

/** The verdict that kept facts of clean databases stand for; null when they do not tell, or tell of others. */
export function cleanVerdict(databases: readonly JudgedDatabase[] | undefined): SetVerdict | null {
  if (!databases || databases.length === 0 || databases.some(({ verdict }) => verdict !== 'clean'))
    return null;
  return {
    verdict: 'clean',
    databases: databases.map(({ name, derbyVersion, derbyBuild, schemaFingerprint, tables }) => ({
      database: name,
      verdict: 'clean',
      problems: [],
      derbyVersion: derbyVersion ?? null,
      derbyBuild: derbyBuild ?? null,
      schemaFingerprint: schemaFingerprint ?? null,
      tables,
      checked: [],
    })),
  };
}
