// Reads `to` as WhatsApp does, and says who a +1 number belongs to and what a number is called in
// WhatsApp. Never validates a number: that WhatsApp has no such user is reported by a receipt.

import { chance } from "./chance.ts";

/** Longest number of the international plan, in digits (ITU-T E.164). */
const MAX_DIGITS = 15;
/** Shortest number that can exist, in digits with the country code. */
const MIN_DIGITS = 5;

/** Whose a number with country code 1 is. `shared` are toll-free, personal and premium numbers. */
export type PlusOne =
  | "us"
  | "us_territory"
  | "canada"
  | "caribbean"
  | "shared"
  | "unassigned"
  | "malformed";

/**
 * Area codes of the fifty states and Washington, those assigned but not yet in service included
 * (NANPA, 2026).
 */
const US = areaCodes(`
  201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 227 228
  229 231 234 235 239 240 248 251 252 253 254 256 260 262 267 269 270 272 274 276 279 281 283
  301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 324 325 326
  327 329 330 331 332 334 336 337 339 341 346 347 350 351 352 353 357 360 361 363 364 369 380
  385 386
  401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 432 434 435 436
  440 442 443 445 447 448 457 458 463 464 469 470 471 472 475 478 479 480 483 484
  501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 531 534 539 540 541 551
  557 559 561 562 563 564 567 570 571 572 573 574 575 580 582 585 586
  601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 621 623 624 626 628 629
  630 631 636 640 641 645 646 650 651 656 657 659 660 661 662 667 669 678 679 680 681 682 686
  689
  701 702 703 704 706 707 708 712 713 714 715 716 717 718 719 720 724 725 726 727 728 730 731
  732 734 737 738 740 743 747 748 754 757 760 762 763 765 769 770 771 772 773 774 775 779 781
  785 786
  801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 820 821 826 828 830 831 832 835
  837 838 839 840 843 845 847 848 850 854 856 857 858 859 860 861 862 863 864 865 870 872 878
  901 903 904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 924 925 928 929 930 931
  934 936 937 938 940 941 943 945 947 948 949 951 952 954 956 959 970 971 972 973 975 978 979
  980 983 984 985 986 989
`);

/** Puerto Rico, the US Virgin Islands, Guam, the Northern Marianas and American Samoa. */
const US_TERRITORIES = areaCodes("340 670 671 684 787 939");

const CANADA = areaCodes(`
  204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 431 437
  438 450 468 474 506 514 519 548 579 581 584 587 604 613 639 647 672 683 705 709
  742 753 778 780 782 807 819 825 867 873 879 902 905 942
`);

/** Every other country and territory of the plan; none of them is the United States. */
const CARIBBEAN = areaCodes(`
  242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876
`);

/**
 * Toll-free, premium, personal and government numbers, and Canada's own (6xx): no country can be
 * reported.
 */
const SHARED = areaCodes(`
  500 521 522 523 524 525 526 527 528 529 532 533 535 538 542 543 544 545 546 547 549 550 552
  553 554 555 556 566 569 577 578 588 589 600 622 633 644 655 677 688 700 710 800 822 833 844
  855 866 877 880 881 882 887 888 889 900
`);

/**
 * Tells whose a number is; undefined when its country code is not 1. `digits` has the country code
 * first.
 */
export function plusOneOf(digits: string): PlusOne | undefined {
  if (!digits.startsWith("1")) return undefined;
  if (digits.length !== 11) return "malformed";
  const area = digits.slice(1, 4);
  if (US.has(area)) return "us";
  if (CANADA.has(area)) return "canada";
  if (CARIBBEAN.has(area)) return "caribbean";
  if (US_TERRITORIES.has(area)) return "us_territory";
  if (SHARED.has(area)) return "shared";
  return "unassigned";
}

/**
 * The digits of a number with its country code, or undefined when the text cannot be a number.
 * Plus, hyphens, parentheses and spaces are tolerated. Without a plus the *business* number's
 * country code is put before it, even when the text has a country code already: that is how a
 * message reaches a stranger (Meta, send messages page, 2026-09).
 */
export function readTo(to: string, businessCountryCode: string): string | undefined {
  if (!/^\+?[0-9()\- ]+$/.test(to)) return undefined;
  const digits = to.replace(/\D/g, "");
  const complete = to.startsWith("+") ? digits : businessCountryCode + digits;
  if (complete.length < MIN_DIGITS || complete.length > MAX_DIGITS) return undefined;
  return complete;
}

export interface WaIdOptions {
  seed: string;
  /** Share of the Brazilian accounts that are older than the ninth digit, 0–1. */
  brazilShortIds: number;
}

/**
 * WhatsApp's own id of a number. Brazilian accounts of area codes from 31 up that are older than
 * the ninth digit keep an id without it; Mexican ids have a 1 after the country code; all others
 * are the number itself (WhatsApp practice: Meta says only that the id may differ from what was
 * posted).
 */
export function waIdOf(digits: string, options: WaIdOptions): string {
  if (digits.startsWith("55") && digits.length === 13 && digits[4] === "9") {
    const area = Number(digits.slice(2, 4));
    const isOld = chance(options.seed, "wa_id", digits) < options.brazilShortIds;
    return area >= 31 && isOld ? digits.slice(0, 4) + digits.slice(5) : digits;
  }
  if (digits.startsWith("52") && digits.length === 12) return `521${digits.slice(2)}`;
  return digits;
}

function areaCodes(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
