// Area codes that mean a place, and the clocks of that place. Only of countries where a mobile has
// such a code: Brazil, Mexico, Canada. A table; read from top to bottom.
//
// Made by hand from the places of codes in libphonenumber's geocoding data (resources/geocoding/en,
// 2026-07) and the places of clocks in the IANA time zone database (zone1970.tab, 2025c).
// libphonenumber's own table of time zones is not used: it has Chihuahua on Mazatlán's clock, and
// one clock for provinces that have several. A code whose places have several clocks has all of
// them here.

interface CountryCodes {
  callingCode: string;
  /** Clocks → codes. */
  places: Readonly<Record<string, string>>;
  /** Of codes that are in no line; left out: every clock of the country. */
  otherwise?: string;
}

const COUNTRIES: Readonly<Record<string, CountryCodes>> = {
  BR: {
    callingCode: "55",
    places: {
      "America/Sao_Paulo":
        "11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 61 62 64",
      "America/Araguaina": "63",
      "America/Cuiaba": "65 66",
      "America/Campo_Grande": "67",
      "America/Rio_Branco": "68",
      "America/Porto_Velho": "69",
      "America/Bahia": "71 73 74 75 77",
      "America/Maceio": "79 82",
      // Fernando de Noronha is an island of Pernambuco.
      "America/Noronha,America/Recife": "81",
      "America/Recife": "87",
      "America/Fortaleza": "83 84 85 86 88 89 98 99",
      "America/Belem": "91 96",
      "America/Belem,America/Santarem": "93 94",
      "America/Manaus": "92",
      // The west of Amazonas.
      "America/Eirunepe,America/Manaus": "97",
      "America/Boa_Vista": "95",
    },
  },
  MX: {
    callingCode: "52",
    otherwise: "America/Mexico_City",
    places: {
      "America/Tijuana": "616 646 658 661 663 664 665 686",
      // Islands of Baja California; the west of Sonora.
      "America/Mazatlan,America/Tijuana": "615",
      "America/Hermosillo,America/Tijuana": "653",
      "America/Hermosillo": "622 623 631 632 633 634 637 638 641 642 643 644 645 647 651 662",
      "America/Mazatlan":
        "311 319 323 324 325 327 389 612 613 624 660 667 668 669 672 673 687 694 695 696 697 698",
      "America/Bahia_Banderas,America/Mazatlan": "329",
      "America/Chihuahua": "614 621 625 627 628 629 635 639 648 649 652 659",
      "America/Chihuahua,America/Ciudad_Juarez": "636 657",
      "America/Ciudad_Juarez": "656",
      "America/Ojinaga": "626",
      // Municipalities at the northern border keep the summer time of the United States.
      "America/Matamoros": "867 868 877 878 891 894 897 899",
      "America/Matamoros,America/Mexico_City": "862 869 873 892",
      "America/Cancun": "983 984 987 998",
      "America/Cancun,America/Merida": "986 997",
    },
  },
  CA: {
    callingCode: "1",
    places: {
      "America/St_Johns,America/Goose_Bay": "709 879",
      "America/Halifax": "506 428 902 782",
      // The Magdalen Islands and the east of the North Shore.
      "America/Blanc-Sablon,America/Halifax,America/Toronto": "418 581 367",
      "America/Toronto":
        "514 438 263 450 579 354 819 873 468 416 437 647 942 905 289 365 742 519 226 548 382 613 343 753 705 249 683",
      "America/Atikokan,America/Toronto,America/Winnipeg": "807",
      "America/Winnipeg": "204 431 584",
      // Lloydminster, and Creighton beside Manitoba.
      "America/Edmonton,America/Regina,America/Winnipeg": "306 639 474",
      "America/Edmonton": "403 587 780 825 368",
      "America/Vancouver": "604",
      "America/Creston,America/Dawson_Creek,America/Edmonton,America/Fort_Nelson,America/Vancouver":
        "250 778 236 672 257",
    },
  },
};

const CODES = new Map(
  Object.entries(COUNTRIES).map(([region, { callingCode, places, otherwise }]) => {
    const clocks = new Map<string, readonly string[]>();
    for (const [names, codes] of Object.entries(places)) {
      for (const code of codes.split(" ")) clocks.set(code, names.split(",").toSorted());
    }
    return [region, { callingCode, clocks, otherwise: otherwise?.split(",") }];
  }),
);

/** Area codes have two or three digits. */
const CODE_LENGTHS = [3, 2];

/**
 * The clocks of the place that a number's area code means, IANA names in order of the alphabet.
 * @param e164 with `+`
 * @returns undefined where codes mean no place, and where a code's place is not known
 */
export function areaClocks(region: string, e164: string): readonly string[] | undefined {
  const country = CODES.get(region);
  if (country === undefined || !e164.startsWith(`+${country.callingCode}`)) return undefined;
  const national = e164.slice(1 + country.callingCode.length);
  for (const length of CODE_LENGTHS) {
    const found = country.clocks.get(national.slice(0, length));
    if (found !== undefined) return found;
  }
  return country.otherwise;
}

/** The area codes of a country that are in the table; empty where codes mean no place. */
export function areaCodes(region: string): string[] {
  return [...(CODES.get(region)?.clocks.keys() ?? [])];
}
