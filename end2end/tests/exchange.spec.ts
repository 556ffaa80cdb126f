// Mixtapes in and out: what listeners may keep, playlists of other programs, backups.
import { readFileSync } from "node:fs";
import { add, makeTape, SONGS } from "./making";
import { expect, expectAccessible, signIn, test } from "./support";

test.beforeEach(({ page }) => signIn(page));

test("listeners keep the files when the owner lets them", async ({ page, browser, baseURL }, { project }) => {
    await makeTape(page, `Keep ${project.name}`);
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Share it" }).click();
    const listener = await (await browser.newContext({ baseURL })).newPage();
    const tape = `/share/keep-${project.name}`;
    await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(new RegExp(`${tape}$`));
    await listener.goto(tape);
    await expect(listener.getByRole("link", { name: "Keep the files" })).toHaveCount(0);

    await page.getByText("Who may hear it").first().click();
    const sheet = page.getByRole("dialog", { name: /^Share/ });
    await sheet.getByRole("checkbox", { name: "Listeners may keep the files" }).check();
    await expect(sheet.getByText("Saved", { exact: true })).toBeVisible();

    await listener.reload();
    const saving = listener.waitForEvent("download");
    await listener.getByRole("link", { name: "Keep the files" }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(`Keep ${project.name}.zip`);
    const zip = readFileSync(await saved.path());
    for (const song of SONGS) expect(zip.includes(song)).toBe(true);
    await listener.context().close();
});

test("a renamed tape gets an address after its title, and goes on being saved", async ({ page }, { project }) => {
    await makeTape(page, `Working title ${project.name}`);
    await page.getByRole("textbox", { name: "Title" }).fill(`Low tide ${project.name}`);
    await expect(page.getByText("Not saved yet")).toBeVisible();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("button", { name: "Share it" }).click();
    await page.getByText("Who may hear it").first().click();
    await page.getByRole("button", { name: "Address after the title" }).click();
    await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(new RegExp(`/share/low-tide-${project.name}$`));
    await expect(page).toHaveURL(new RegExp(`/editor/low-tide-${project.name}$`));
    await page.keyboard.press("Escape");
    await add(page, ["Porch Light"]);
    await expect(page.getByText("Not saved yet")).toBeVisible();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.goto(`/share/working-title-${project.name}`);
    await expect(page).toHaveURL(new RegExp(`/share/low-tide-${project.name}$`));
    await expect(page.locator(".track-title")).toHaveCount(SONGS.length + 1);
});

test("a playlist of another program becomes a mixtape", async ({ page }, { project }) => {
    const playlist = (name: string, lines: string[]) => ({
        name: `${name} ${project.name}.m3u8`,
        mimeType: "audio/x-mpegurl",
        buffer: Buffer.from(["#EXTM3U", ...lines].join("\n")),
    });
    const entry = (title: string) => [`#EXTINF:-1,${title}`, `C:\\Music\\${title}.mp3`];
    const send = async (file: ReturnType<typeof playlist>) => {
        await page.goto("/mixtapes");
        await page.getByRole("button", { name: "From a playlist" }).click();
        await page.getByLabel("Playlist", { exact: true }).setInputFiles(file);
        await page.getByRole("button", { name: "Make a mixtape" }).click();
    };
    await send(playlist("Half", [...entry("Bruno Achterberg - Roller Rink"), ...entry("Nobody - Nowhere to be found")]));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("1 of 2 songs are on the tape");
    await expect(page.getByText("Nobody – Nowhere to be found")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("link", { name: "Open the mixtape" }).click();
    await expect(page.getByRole("textbox", { name: "Title" })).toHaveValue(`Half ${project.name}`);
    await send(playlist("None", entry("Nobody - Nowhere to be found")));
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not one song was found");
    await send({ name: "x.m3u8", mimeType: "audio/x-mpegurl", buffer: Buffer.from("") });
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("That is no playlist");
});

test("a backup is downloaded and taken in again", async ({ page }) => {
    await page.getByRole("link", { name: "Preferences" }).click();
    const saving = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download a backup" }).click();
    const backup = readFileSync(await (await saving).path());
    await page.getByLabel("File of the backup").setInputFiles({ name: "b.zip", mimeType: "application/zip", buffer: backup });
    await page.getByRole("button", { name: "Take it in" }).click();
    await expect(page).toHaveURL(/preferences#backup$/);
    await expect(page.getByText(/^Done: .*here already/)).toBeVisible();
    await expectAccessible(page);
});
