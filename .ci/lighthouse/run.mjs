// Scores of pages on a simulated phone, one line of JSON per page: node run.mjs http://127.0.0.1:8000/ …
// CHROME_PATH names the browser. The browser is told to leave the network alone.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const chromeFlags = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-first-run",
  "--disable-domain-reliability", "--disable-client-side-phishing-detection",
];
const onlyCategories = ["performance", "accessibility", "best-practices", "seo"];
// A trace that the browser began too late holds no navigation: Lighthouse then asks to be run again.
const TRIES = 3;

async function audited(url) {
  for (let tries = 1; ; tries += 1) {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "error", output: "json", onlyCategories });
    if (!lhr.runtimeError) return lhr;
    if (lhr.runtimeError.code !== "NO_NAVSTART" || tries === TRIES) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  }
}

const chrome = await launch({ chromeFlags, ignoreDefaultFlags: false });
try {
  for (const url of process.argv.slice(2)) {
    const lhr = await audited(url);
    const scores = Object.fromEntries(onlyCategories.map((name) => [name, Math.round(lhr.categories[name].score * 100)]));
    const counted = onlyCategories.flatMap((name) => lhr.categories[name].auditRefs.filter((ref) => ref.weight > 0));
    const lost = counted.map((ref) => lhr.audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 0.9);
    const why = [...new Set(lost.map((audit) => `${audit.id} ${audit.displayValue ?? ""}`.trim()))];
    process.stdout.write(`${JSON.stringify({ url, scores, why })}\n`);
  }
} finally {
  await chrome.kill();
}
