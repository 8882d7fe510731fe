/** A profile as flags, environment and config file name it. */
import { readConfig, networkName, type ConfigFile } from "./config.ts";
import { type ProfilePaths, profilePaths } from "./paths.ts";

export interface ProfileFlags {
  readonly home?: string;
  readonly profile?: string;
  readonly network?: string;
  readonly localOnly?: boolean;
}

export interface Profile {
  readonly paths: ProfilePaths;
  readonly config: ConfigFile;
  /** As flag, environment or config file name it; undefined: the one the profile is in. */
  readonly network: string | undefined;
  readonly localOnly: boolean;
}

/** @throws ParleyError `bad-profile-name`, `bad-network-name`, `bad-config` */
export async function openProfile(flags: ProfileFlags): Promise<Profile> {
  const environment = process.env;
  const paths = profilePaths(flags, environment);
  const config = await readConfig(paths.config);
  const localOnly =
    flags.localOnly ?? (isSet(environment.PARLEY_LOCAL_ONLY) || config["local-only"] === true);
  return { paths, config, network: networkName(flags.network, environment, config), localOnly };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0";
}
