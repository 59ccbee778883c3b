// Reads the name of a country as lists have it: two or three letters, a name, a calling code.

import { marketKey } from "../common/name-key.ts";
import { isPhoneRegion, mainRegion } from "./phone-regions.ts";

/** Names are read in the languages of our users; where two of them disagree, neither is read. */
const LANGUAGES = ["es", "pt", "fr", "de", "it"];

/** ISO 3166-1: three letters, then two, for each country. (iso-codes 4.15, 2023.) */
const THREE_LETTERS = `
  ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU
  AUTAT AZEAZ BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ
  BMUBM BOLBO BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI
  CMRCM CODCD COGCG COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE
  DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK
  FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR
  GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN
  IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH
  KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV
  MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN
  MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI
  NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL
  PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG
  SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR SVKSK SVNSI
  SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO TTOTT
  TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG
  VIRVI VNMVN VUTVU WLFWF WSMWS XKXXK YEMYE ZAFZA ZMBZM ZWEZW
`;

/** Names beside those of CLDR: ISO's own, older ones, and usual ones. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  AE: "uae, emirates",
  AX: "aland",
  BN: "brunei darussalam",
  BO: "bolivia plurinational state of, plurinational state of bolivia",
  BQ: "bonaire sint eustatius and saba, bonaire",
  CD: "congo the democratic republic of the, democratic republic of the congo, dr congo, drc, congo democratic republic of the, congo kinshasa",
  CG: "republic of the congo, congo republic of the, congo brazzaville",
  CI: "ivory coast",
  CN: "peoples republic of china, prc, mainland china",
  CV: "cabo verde",
  CZ: "czech republic",
  FK: "falkland islands malvinas",
  FM: "micronesia federated states of, federated states of micronesia",
  GB: "uk, u k, great britain, britain, england, scotland, wales, northern ireland, united kingdom of great britain and northern ireland",
  HK: "hong kong",
  IE: "republic of ireland, eire",
  IR: "iran islamic republic of, islamic republic of iran",
  KP: "korea democratic peoples republic of, democratic peoples republic of korea, dprk, korea north",
  KR: "korea republic of, republic of korea, korea south, korea",
  LA: "lao peoples democratic republic, lao pdr",
  LY: "libyan arab jamahiriya",
  MD: "moldova republic of, republic of moldova",
  MF: "saint martin french part",
  MK: "macedonia, republic of north macedonia, fyrom",
  MM: "myanmar, burma",
  MO: "macau, macao",
  NL: "holland",
  PS: "palestine, palestine state of, state of palestine, palestinian territory occupied",
  RU: "russian federation",
  SA: "ksa, kingdom of saudi arabia",
  SH: "saint helena ascension and tristan da cunha",
  ST: "sao tome",
  SX: "sint maarten dutch part",
  SY: "syrian arab republic",
  SZ: "swaziland",
  TL: "east timor",
  TR: "turkey",
  TW: "taiwan province of china",
  TZ: "tanzania united republic of, united republic of tanzania",
  US: "united states of america, u s, u s a, america, the states, eua, ee uu, eeuu",
  VA: "holy see, holy see vatican city state, vatican",
  VE: "venezuela bolivarian republic of, bolivarian republic of venezuela",
  VG: "virgin islands british",
  VI: "virgin islands u s, virgin islands us, us virgin islands",
  VN: "viet nam",
};

/** Two countries are called so. */
const UNCLEAR = ["congo"];

let names: ReadonlyMap<string, string> | undefined;

/**
 * The region (ISO 3166-1 alpha-2) that a cell names: by its two or three letters, by its name in
 * English or a language of Latin America or Europe, or by its calling code with a plus.
 * @returns null when it names none, or one without phone numbers
 */
export function regionNamed(text: string): string | null {
  const letters = text.trim().toUpperCase();
  // Most lists have no such column, and the names of all countries take 30 ms to gather.
  if (letters === "") return null;
  if (isPhoneRegion(letters)) return letters;
  const code = /^(?:\+|00)\s?(\d{1,3})$/.exec(letters)?.[1];
  if (code !== undefined) return mainRegion(code) ?? null;
  names ??= everyName();
  const region = names.get(keyOf(text));
  if (region !== undefined) return region;
  // `United Kingdom (UK)`, as shops list them.
  const [, name = "", inParentheses = ""] = /^(.+)\((\w{2,3})\)\s*$/.exec(text) ?? [];
  const named = names.get(keyOf(name)) ?? null;
  return named !== null && named === regionNamed(inParentheses) ? named : null;
}

function everyName(): ReadonlyMap<string, string> {
  const pairs = [...THREE_LETTERS.trim().split(/\s+/)].map(
    (five) => [five.slice(0, 3), five.slice(3)] as const,
  );
  const regions = pairs.map(([, region]) => region).filter(isPhoneRegion);
  const found = new Map<string, string>();
  for (const language of LANGUAGES) addNames(found, regions, language);
  // Sure ones last: they win over a name that means another country in another language.
  addNames(found, regions, "en");
  for (const [three, region] of pairs) {
    if (isPhoneRegion(region)) found.set(keyOf(three), region);
  }
  for (const [region, list] of Object.entries(ALSO_CALLED)) {
    for (const name of list.split(", ")) found.set(keyOf(name), region);
  }
  // Names that two languages give to two countries.
  for (const [name, region] of found) if (region === "") found.delete(name);
  for (const name of UNCLEAR) found.delete(name);
  return found;
}

function addNames(found: Map<string, string>, regions: readonly string[], language: string): void {
  const display = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
  for (const region of regions) {
    const name = display.of(region);
    if (name === undefined) continue;
    const key = keyOf(name);
    const isDisputed = language !== "en" && (found.get(key) ?? region) !== region;
    found.set(key, isDisputed ? "" : region);
  }
}

/**
 * A name without what differs between lists: case, accents, points, articles, `St.` for `Saint`.
 */
function keyOf(name: string): string {
  return marketKey(name.replace(/['’]/g, ""))
    .replace(/\bst\b/g, "saint")
    .replace(/(?:^| )the\b/g, "")
    .trim();
}
