// Starts the server on a free port with the demo's mixtapes in a data folder of its own, and stops it.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const target = resolve(import.meta.dirname, "../target");
const ferric = process.env.FERRIC ?? join(target, "release/ferric");
const demo = process.env.DEMO ?? join(target, "demo");
const site = process.env.SITE ?? join(target, "site");

export const PASSWORD = "open sesame";

export default async function start(): Promise<() => Promise<void>> {
    const data = mkdtempSync(join(tmpdir(), "ferric-data-"));
    const imported = spawnSync(ferric, ["import", demo, "--data", data], { encoding: "utf8" });
    if (imported.status !== 0) throw new Error(`import failed: ${imported.stderr}`);
    const server = spawn(
        ferric,
        ["serve", "--music", join(demo, "music"), "--data", data, "--site", site, "--listen", "127.0.0.1:0"],
        { env: { ...process.env, PASSWORD, LOG: "error" }, stdio: ["ignore", "pipe", "inherit"] },
    );
    process.env.BASE_URL = await new Promise<string>((found, failed) => {
        createInterface(server.stdout).on("line", (line) => {
            const address = /listens on (\S+)/.exec(line)?.[1];
            if (address) found(address);
        });
        server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
    });
    return async () => {
        const ended = new Promise((done) => server.once("exit", done));
        server.kill("SIGTERM");
        await ended;
        rmSync(data, { recursive: true, force: true });
    };
}
