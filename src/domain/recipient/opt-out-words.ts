// Words by which people ask to be left alone, by language; stop-words.ts says how they are matched.
// Data only.
//
// WhatsApp has no list of its own. English: the keywords of the CTIA Messaging Principles (2023-05:
// STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT). Turkish RET, Hebrew הסר and Korean 수신거부 are the
// words of their countries' rules for advertising. The others are the labels of Meta's sample
// templates and of senders in these languages. Case, accents and punctuation do not matter.

/** What a language has. Each text is a word or a phrase. */
export interface OptOutWords {
  /** An opt-out as a whole message; on a button also with a word of `nouns` after it. */
  commands: string;
  /**
   * The same, and common in other matters ("cancel"): a message may have nothing but courtesy
   * beside it.
   */
  weak?: string;
  /** An opt-out wherever it stands on a button, and as a whole message. */
  phrases: string;
  /**
   * Beginnings of words that are phrases by themselves: "unsub" for "unsubscribe" and
   * "unsubscribed".
   */
  stems?: string;
  /** What is stopped. */
  nouns: string;
  /** Words around, without a meaning of their own. */
  courtesy: string;
  /** Words that may follow; before a command only where `isVerbLast`. */
  links: string;
  /** The verb stands last: nouns and links may come before it. */
  isVerbLast?: true;
  /** Words that turn the meaning round when they stand before a phrase. */
  negations?: string;
}

/** By ISO 639-1 code. Texts are parted by commas. */
export const OPT_OUT_WORDS: Readonly<Record<string, OptOutWords>> = {
  en: {
    commands: "stop, stop all, stop it, stop this, halt, no more",
    weak: "cancel, end, quit, revoke, block",
    phrases:
      "un subscribe, opt out, opt me out, opted out, opting out, optout, remove me, delete me, take me off, leave me alone, leave the list, not interested, " +
      "no longer interested, no more messages, no more texts, no more promotions, no more promos, no more ads, no more offers, " +
      "no more marketing, do not contact, don't contact, dont contact, do not message, don't message, dont message, do not text, " +
      "don't text, dont text, do not send, don't send, dont send, don't want to receive, dont want to receive, do not want to receive, " +
      "don't want any more, don't want these, don't want your, stop messaging, stop texting, stop sending, stop contacting, stop spamming, " +
      "stop receiving, stop promotions, stop promos, stop marketing, stop ads, stop messages, stop offers, stop notifications, " +
      "stop updates, stop advertising, delete my number, remove my number, cancel subscription, cancel my subscription, end subscription, leave list, leave this list",
    stems: "unsub, unsus",
    nouns:
      "message, messages, msg, msgs, text, texts, texting, messaging, promo, promos, promotion, promotions, promotional, marketing, ad, ads, " +
      "advert, adverts, advertising, advertisement, advertisements, offer, offers, deals, newsletter, newsletters, notification, " +
      "notifications, updates, alerts, email, emails, spam, campaign, campaigns, subscription, broadcast, broadcasts, communications, " +
      "list, lists, mailing",
    courtesy:
      "please, pls, plz, kindly, hi, hello, hey, thanks, thank you, thx, ty, sir, madam, team, ok, okay, now, immediately, at once, asap, yes, " +
      "no thanks, no thank you",
    links:
      "me, my, i, we, us, you, want, would, like, wish, need, to, from, the, your, this, these, those, it, all, any, every, number, phone, " +
      "whatsapp, sms, further, more, anymore, again, future, and, out, on, of, for, good, forever, in, here, getting, send, sending, sent, " +
      "receive, receiving",
    negations: "not, don't, dont, never, no",
  },
  pt: {
    commands:
      "sair, parar, pare, parem, chega, basta, remover, interromper, sair da lista, quero sair, quero parar",
    weak: "cancelar, cancela, cancele, para, bloquear, desativar, encerrar, anular",
    phrases:
      "cancelar inscricao, cancelar a inscricao, cancelar assinatura, cancelar a assinatura, cancelar cadastro, cancelar recebimento, " +
      "cancelar envio, cancelar mensagens, cancelar promocoes, cancelar ofertas, parar de receber, pare de enviar, pare de mandar, " +
      "parem de enviar, parem de mandar, para de mandar, para de enviar, parar promocoes, parar mensagens, parar ofertas, " +
      "nao quero receber, nao quero mais, nao desejo receber, nao desejo mais, nao gostaria de receber, nao receber mais, nao receber, " +
      "nao me envie, nao me mande, nao me mandem, nao me enviem, nao envie mais, nao mande mais, nao enviem mais, nao mandem mais, " +
      "nao tenho interesse, sem interesse, nao estou interessado, nao estou interessada, nao me interessa, deixar de receber, " +
      "sair da lista, sair desta lista, sair dessa lista, me tire, me tira, me tirem, me retire, me retirem, me remova, me remove, " +
      "me removam, me exclua, me excluam, tire meu numero, retire meu numero, remova meu numero, exclua meu numero, " +
      "excluir meu numero, retirar meu numero, retirar da lista, " +
      "interromper promocoes, interromper mensagens, desativar promocoes, desativar mensagens, nao quero promocoes, " +
      "nao quero mensagens, nao quero ofertas, nao quero propaganda, nao quero publicidade, me deixe em paz, me deixem em paz",
    stems: "descadastr, desinscr, desassin",
    nouns:
      "mensagem, mensagens, msg, msgs, promocao, promocoes, promo, promos, oferta, ofertas, propaganda, propagandas, publicidade, marketing, " +
      "anuncio, anuncios, notificacao, notificacoes, avisos, novidades, envio, envios, comunicacoes, inscricao, assinatura, cadastro, " +
      "lista, recebimento, spam",
    courtesy:
      "por favor, pfv, pf, favor, por gentileza, gentileza, obrigado, obrigada, obg, ola, oi, bom dia, boa tarde, boa noite, grato, grata, " +
      "sim, agora, ja, valeu, nao obrigado, nao obrigada",
    links:
      "me, eu, quero, gostaria, desejo, de, da, do, das, dos, desta, dessa, deste, desse, destas, dessas, a, o, as, os, e, sua, seu, suas, " +
      "seus, meu, minha, numero, mais, nada, nenhuma, nenhum, este, esta, isso, esse, essa, essas, esses, tudo, todas, todos, enviar, " +
      "mandar, receber, mim, voce, voces, whatsapp, contato",
    negations: "nao, nunca",
  },
  es: {
    commands: "baja, parar, detener, basta, salir, no mas, quiero salir, interrumpir",
    weak: "alto, eliminar, cancelar, cancela, anular, para, pare, bloquear, desactivar",
    phrases:
      "darme de baja, darse de baja, dar de baja, dame de baja, denme de baja, deme de baja, date de baja, cancelar suscripcion, " +
      "cancelar la suscripcion, cancelar mi suscripcion, anular suscripcion, anular la suscripcion, detener promociones, " +
      "detener mensajes, parar promociones, parar mensajes, dejar de recibir, deja de enviar, dejen de enviar, dejen de mandar, " +
      "deja de mandar, no quiero recibir, no deseo recibir, no quiero mas, no deseo mas, no recibir mas, no recibir, no mas mensajes, " +
      "no mas promociones, no mas publicidad, no me escriban, no me escribas, no me envien, no me envies, no me manden, no envien mas, " +
      "no enviar mas, no me interesa, no estoy interesado, no estoy interesada, sin interes, eliminar mi numero, eliminen mi numero, " +
      "borrar mi numero, borren mi numero, borrame, borrenme, eliminame, eliminenme, no quiero promos, no quiero promociones, " +
      "no quiero ofertas, no quiero publicidad, no quiero mensajes, no quiero sus mensajes, dejame en paz, dejenme en paz, sacarme de la lista, saquenme, quitame, quitenme, quitarme de la lista, no molestar, no molesten, salir de la lista",
    stems: "desuscri, desinscri, desafil",
    nouns:
      "mensaje, mensajes, promocion, promociones, promo, promos, oferta, ofertas, publicidad, marketing, anuncio, anuncios, notificacion, " +
      "notificaciones, avisos, novedades, envio, envios, comunicaciones, suscripcion, lista, spam",
    courtesy:
      "por favor, porfavor, porfa, favor, gracias, muchas gracias, hola, buenos dias, buenas tardes, buenas noches, buenas, si, ahora, ya, no gracias",
    links:
      "me, yo, quiero, quisiera, deseo, de, del, la, el, las, los, lo, y, a, esta, este, estos, estas, esto, sus, su, mi, numero, mas, " +
      "nada, ningun, ninguna, todo, todos, todas, enviar, mandar, recibir, whatsapp",
    negations: "no, nunca",
  },
  fr: {
    commands: "stop, arret, arreter, arretez, arrete, stopper, stoppez, ca suffit",
    weak: "annuler, annulez, resilier, bloquer",
    phrases:
      "ne plus recevoir, plus recevoir, je ne veux plus, je ne souhaite plus, plus de messages, plus de message, plus de pub, " +
      "plus de publicite, plus de promotions, stop pub, stop promotions, arreter les promotions, arreter les messages, arretez d envoyer, " +
      "arretez de m envoyer, arreter de recevoir, pas interesse, pas interessee, pas interesses, ca ne m interesse pas, retirez moi, " +
      "enlevez moi, supprimez moi, supprimez mon numero, supprimer mon numero, annuler l abonnement, annuler mon abonnement, " +
      "resilier l abonnement, resilier mon abonnement, n envoyez plus, ne m envoyez plus, laissez moi tranquille",
    stems: "desabonn, desinscri",
    nouns:
      "message, messages, sms, promotion, promotions, promo, promos, offre, offres, pub, pubs, publicite, publicites, marketing, annonces, " +
      "notification, notifications, newsletter, abonnement, envoi, envois, liste, spam",
    courtesy:
      "s il vous plait, s il te plait, svp, stp, merci, merci beaucoup, bonjour, bonsoir, salut, oui, maintenant, tout de suite, non merci",
    links:
      "me, m, moi, je, veux, voudrais, souhaite, de, d, du, des, la, le, les, l, vos, votre, ces, cette, ce, a, et, mon, numero, plus, " +
      "tout, tous, toutes, envoyer, recevoir, se, s, whatsapp",
    negations: "ne, pas, jamais",
  },
  de: {
    commands: "stop, stopp, stoppen, austragen, aufhoren, aufhoeren, schluss",
    weak: "ende, kundigen, kuendigen, abbrechen, blockieren, beenden",
    phrases:
      "werbung stoppen, nachrichten stoppen, angebote stoppen, keine werbung, keine nachrichten, keine weiteren nachrichten, " +
      "keine angebote, keine newsletter, nicht mehr erhalten, nicht mehr schreiben, nicht mehr schicken, nicht mehr senden, " +
      "melde mich ab, melden sie mich ab, ich melde mich ab, kein interesse, nicht interessiert, loschen sie meine nummer, " +
      "loeschen sie meine nummer, meine nummer loschen, meine nummer loeschen, nehmt mich raus, lasst mich in ruhe, " +
      "lassen sie mich in ruhe, abo beenden, abo kundigen, abo kuendigen",
    stems: "abmeld, abbestell, abgemeldet, austrag",
    nouns:
      "nachricht, nachrichten, werbung, angebot, angebote, promotion, promotionen, aktionen, marketing, anzeigen, newsletter, " +
      "benachrichtigung, benachrichtigungen, mails, abo, abonnement, spam, verteiler, liste",
    courtesy:
      "bitte, danke, vielen dank, hallo, guten tag, guten morgen, guten abend, moin, sofort, jetzt, ja, ok, nein danke",
    links:
      "ich, mich, mir, mochte, moechte, will, wunsche, wuensche, von, vom, der, die, das, den, dem, diese, diesen, dieser, ihre, ihren, " +
      "eure, euren, mehr, weitere, weiteren, und, aus, meine, nummer, alle, alles, whatsapp, sie",
    isVerbLast: true,
    negations: "nicht, nie",
  },
  it: {
    commands: "stop, basta, ferma, fermate, smettila, smettetela, interrompi",
    weak: "annulla, cancella, blocca, disattiva",
    phrases:
      "annulla iscrizione, annulla l iscrizione, annullare iscrizione, annullare l iscrizione, cancellami, cancellatemi, " +
      "cancella iscrizione, cancella l iscrizione, rimuovimi, rimuovetemi, non voglio ricevere, non voglio piu, non desidero ricevere, " +
      "non inviare piu, non inviatemi, non mandatemi, non scrivetemi, non scrivermi, non contattatemi, non ricevere piu, smettere di ricevere, smettete di, stop promozioni, " +
      "interrompi promozioni, ferma promozioni, non sono interessato, non sono interessata, non mi interessa, nessun interesse, " +
      "eliminate il mio numero, cancellate il mio numero",
    stems: "disiscri, disabbon",
    nouns:
      "messaggio, messaggi, promozione, promozioni, promo, offerta, offerte, pubblicita, marketing, annunci, notifiche, newsletter, " +
      "iscrizione, lista, spam",
    courtesy:
      "per favore, per piacere, perfavore, grazie, ciao, salve, buongiorno, buonasera, si, subito, ora",
    links:
      "mi, io, voglio, vorrei, di, da, dal, dalla, la, il, i, le, lo, gli, l, queste, questi, questo, vostre, vostri, vostra, piu, tutto, " +
      "tutti, tutte, mio, numero, e, a, cosi, inviare, ricevere, whatsapp",
    negations: "non, mai",
  },
  nl: {
    commands: "stop, stoppen, stopt, opzeggen, ophouden, hou op",
    weak: "annuleren, beeindigen, einde, blokkeren",
    phrases:
      "meld me af, meld mij af, schrijf me uit, schrijf mij uit, geen berichten, geen reclame, geen aanbiedingen, geen promoties, " +
      "geen interesse, niet geinteresseerd, stop met, stop promoties, stop berichten, niet meer ontvangen, niet meer sturen, " +
      "verwijder mij, verwijder me, verwijder mijn nummer, haal me van, haal mij van, abonnement opzeggen",
    stems: "afmeld, afgemeld, uitschrij, uitgeschreven",
    nouns:
      "bericht, berichten, reclame, aanbieding, aanbiedingen, promotie, promoties, marketing, advertenties, nieuwsbrief, meldingen, " +
      "abonnement, lijst, spam",
    courtesy:
      "alstublieft, alsjeblieft, aub, graag, bedankt, dank u, dank je, dank u wel, dankjewel, hallo, hoi, dag, goedemorgen, ja, nu",
    links:
      "ik, me, mij, wil, van, voor, de, het, een, deze, dit, uw, jullie, je, meer, verdere, mijn, nummer, alle, alles, met, en, uit, sturen, ontvangen, whatsapp",
    isVerbLast: true,
    negations: "niet, nooit",
  },
  pl: {
    commands: "stop, rezygnuje, rezygnacja, zrezygnuj, przestan, przestancie, dosc",
    weak: "anuluj, koniec, zakoncz, zablokuj",
    phrases:
      "wypisz mnie, wypiszcie mnie, wypisuje sie, wypisz sie, nie wysylaj, nie wysylajcie, nie wysylac, nie chce otrzymywac, " +
      "nie chce wiecej, nie chce wiadomosci, nie chce ofert, nie chce reklam, nie chce promocji, nie zycze sobie, nie jestem zainteresowany, nie jestem zainteresowana, " +
      "brak zainteresowania, usun mnie, usuncie mnie, usun moj numer, rezygnuje z, zatrzymaj promocje, zatrzymaj wiadomosci, " +
      "anuluj subskrypcje, zrezygnuj z subskrypcji",
    stems: "wypis",
    nouns:
      "wiadomosc, wiadomosci, promocja, promocje, promocji, oferta, oferty, ofert, reklama, reklamy, reklam, marketing, powiadomienia, " +
      "newsletter, newslettera, subskrypcja, subskrypcji, lista, listy, spam, sms",
    courtesy: "prosze, dziekuje, dzieki, dzien dobry, czesc, witam, tak, natychmiast, teraz",
    links:
      "mnie, sie, ja, chce, z, ze, od, do, te, tej, tych, swoich, waszych, wiecej, moj, numer, i, wszystkie, wszystko, mi",
    negations: "nie, nigdy",
  },
  tr: {
    commands: "dur, durdur, durdurun, ret, cik, durun, yeter",
    weak: "iptal, engelle, cikis",
    phrases:
      "abonelikten cik, abonelikten cikmak, uyelikten cik, listeden cik, mesaj almak istemiyorum, mesaj istemiyorum, " +
      "almak istemiyorum, reklam istemiyorum, ilgilenmiyorum, mesajlari durdur, promosyonlari durdur, reklamlari durdur, " +
      "kampanyalari durdur, aboneligi iptal, aboneligimi iptal, abonelik iptali, uyeligi iptal, numarami sil, numarami silin, " +
      "beni cikar, beni cikarin, listeden cikar, listeden cikarin, mesaj gondermeyin, mesaj atmayin, bir daha yazmayin",
    nouns:
      "mesaj, mesajlar, mesajlari, mesajlarini, reklam, reklamlar, reklamlari, kampanya, kampanyalar, kampanyalari, promosyon, " +
      "promosyonlar, promosyonlari, bildirim, bildirimler, bildirimleri, abonelik, uyelik, sms, spam, pazarlama",
    courtesy: "lutfen, tesekkurler, tesekkur ederim, merhaba, selam, evet, hemen, simdi, artik",
    links:
      "beni, bana, ben, bu, tum, butun, daha, fazla, et, edin, ediniz, etmek, istiyorum, almak, gondermek, listeden, whatsapp",
    isVerbLast: true,
  },
  id: {
    commands: "berhenti, henti, hentikan, stop",
    weak: "batal, batalkan, blokir, keluar",
    phrases:
      "berhenti langganan, berhenti berlangganan, batal langganan, batal berlangganan, batalkan langganan, nyahlanggan, " +
      "jangan kirim, jangan hubungi, jangan chat, tidak tertarik, tidak berminat, tidak mau menerima, tidak ingin menerima, " +
      "hentikan promosi, hentikan pesan, hentikan iklan, stop promosi, stop pesan, stop iklan, hapus nomor saya, keluar dari daftar",
    nouns:
      "pesan, promosi, promo, iklan, penawaran, notifikasi, pemasaran, langganan, berlangganan, mesej, daftar, spam",
    courtesy:
      "tolong, mohon, terima kasih, makasih, halo, hai, selamat pagi, selamat siang, ya, sekarang",
    links:
      "saya, aku, ini, itu, lagi, dari, semua, nomor, ke, kirim, kirimkan, mengirim, menerima, untuk, dan, whatsapp",
    negations: "tidak, jangan",
  },
  ru: {
    commands:
      "стоп, хватит, прекратить, прекратите, остановить, остановите, откажитесь, отказаться",
    weak: "отмена, отменить, заблокировать",
    phrases:
      "больше не пишите, больше не присылайте, отказаться от рассылки, отказ от рассылки, не присылайте, не присылать, не пишите, не отправляйте, не хочу получать, " +
      "не интересует, не интересно, не интересуюсь, удалите мой номер, удалите меня, остановить рассылку, прекратите рассылку, " +
      "отключить рассылку, отменить подписку, отмена подписки, уберите меня",
    stems: "отпис, отпиш",
    nouns:
      "сообщение, сообщения, сообщений, рассылка, рассылку, рассылки, реклама, рекламу, рекламы, акции, акций, предложения, " +
      "предложений, уведомления, уведомлений, подписка, подписки, подписку, смс, спам",
    courtesy: "пожалуйста, спасибо, здравствуйте, привет, добрый день, да, срочно, сейчас",
    links:
      "меня, мне, я, хочу, прошу, от, из, эти, этой, этих, ваши, вашу, вашей, больше, все, мой, номер, и, присылать, получать",
    negations: "не, никогда",
  },
  uk: {
    commands: "стоп, досить, припинити, припиніть, зупинити, зупиніть",
    weak: "скасувати, відміна",
    phrases:
      "не надсилайте, не пишіть, не хочу отримувати, не цікавить, не цікаво, видаліть мій номер, видаліть мене, " +
      "відмовитися від розсилки, скасувати підписку, припиніть розсилку",
    stems: "відпис, відпиш",
    nouns:
      "повідомлення, повідомлень, розсилка, розсилки, розсилку, реклама, рекламу, реклами, акції, пропозиції, підписка, підписки",
    courtesy: "будь ласка, дякую, добрий день, привіт, вітаю, так, зараз",
    links: "мене, мені, я, хочу, прошу, від, з, ці, цих, ваші, більше, всі, мій, номер, і, та",
    negations: "не, ніколи",
  },
  ar: {
    commands: "توقف, توقفوا, قف, ايقاف, اوقف, اوقفوا, كفى, كفاية, ستوب, وقف",
    weak: "الغاء, حظر",
    phrases:
      "الغاء الاشتراك, الغاء اشتراك, الغاء اشتراكي, الغ اشتراكي, الغوا اشتراكي, ايقاف الرسائل, ايقاف العروض, ايقاف الاعلانات, " +
      "ايقاف الاشتراك, اوقف الرسائل, اوقفوا الرسائل, لا اريد رسائل, لا اريد استلام, لا اريد تلقي, لا اريد المزيد, لا ارغب, " +
      "غير مهتم, غير مهتمة, لست مهتما, لست مهتمة, لا يهمني, لا ترسل, لا ترسلوا, احذف رقمي, احذفوا رقمي, ازالة رقمي, الغاء المتابعة",
    nouns:
      "رسائل, الرسائل, رسالة, عروض, العروض, اعلانات, الاعلانات, اشعارات, الاشعارات, الاشتراك, اشتراك, تسويق, التسويق",
    courtesy:
      "من فضلك, من فضلكم, لو سمحت, لو سمحتم, رجاء, الرجاء, ارجو, شكرا, مرحبا, السلام عليكم, نعم, الان, فورا",
    links: "من, عن, لي, هذه, هذا, كل, جميع, ارسال, استلام, تلقي, في, رقمي, بعد, اليوم, اريد",
    negations: "لا, لم, لن",
  },
  fa: {
    commands: "توقف, بس است",
    weak: "لغو",
    phrases:
      "لغو اشتراک, لغو عضویت, پیام نفرستید, دیگر پیام نفرستید, علاقه ندارم, شماره من را حذف کنید",
    nouns: "پیام, پیامها, تبلیغات, تبلیغ, اشتراک, عضویت",
    courtesy: "لطفا, ممنون, متشکرم, سلام, بله",
    links: "را, من, این, دیگر, از, همه",
    isVerbLast: true,
  },
  ur: {
    commands: "بند کرو, بند کریں, بند کر دیں, روکیں, روکو",
    phrases:
      "پیغام بند کریں, میسج بند کرو, میسج نہ بھیجیں, میسج مت بھیجو, دلچسپی نہیں, رکنیت ختم کریں, پیغام نہ بھیجیں, پیغام مت بھیجو, مت بھیجو",
    nouns: "پیغام, پیغامات, میسج, اشتہار, اشتہارات",
    courtesy: "براہ کرم, پلیز, شکریہ, السلام علیکم, جی",
    links: "مجھے, یہ, سب, کو, اب",
    isVerbLast: true,
  },
  hi: {
    commands:
      "बंद करो, बंद करें, बंद करे, बंद कर दो, बंद कीजिए, बंद, बन्द करो, बन्द करें, बन्द, रोकें, रोको, रोकिए, स्टॉप, " +
      "band karo, band kare, band karen, band kar do, roko",
    weak: "रद्द करें, रद्द",
    phrases:
      "संदेश बंद करें, मैसेज बंद करो, मैसेज बंद करें, मैसेज मत भेजो, मैसेज न भेजें, संदेश न भेजें, मत भेजो, मत भेजिए, न भेजें, " +
      "सदस्यता समाप्त करें, सदस्यता रद्द करें, सब्सक्रिप्शन बंद करें, अनसब्सक्राइब, रुचि नहीं है, रुचि नहीं, कोई रुचि नहीं, दिलचस्पी नहीं, " +
      "message band karo, msg band karo, message mat bhejo, msg mat bhejo, mat bhejo, message mat karo, msg mat karo, interest nahi, interested nahi",
    nouns:
      "संदेश, मैसेज, मेसेज, विज्ञापन, ऑफर, प्रमोशन, प्रचार, प्रोमो, सूचना, message, msg, offer, promotion",
    courtesy:
      "कृपया, प्लीज, प्लीज़, धन्यवाद, नमस्ते, जी, हां, हाँ, अभी, kripya, dhanyavad, namaste, abhi, ji",
    links: "मुझे, ये, यह, सब, सभी, को, करो, करें, दो, भेजना, mujhe, yeh, ye, sab, ko, bhejna",
    isVerbLast: true,
    negations: "मत, नहीं, न",
  },
  mr: {
    commands: "बंद करा, थांबवा",
    phrases: "संदेश बंद करा, मेसेज बंद करा, मेसेज पाठवू नका",
    nouns: "संदेश, मेसेज, जाहिरात",
    courtesy: "कृपया, धन्यवाद, नमस्कार",
    links: "मला, हे, सर्व",
    isVerbLast: true,
  },
  bn: {
    commands: "বন্ধ করুন, বন্ধ করো, বন্ধ, থামুন, থামাও",
    phrases: "মেসেজ বন্ধ করুন, বার্তা বন্ধ করুন, মেসেজ পাঠাবেন না, আগ্রহী নই",
    nouns: "মেসেজ, বার্তা, বিজ্ঞাপন, অফার",
    courtesy: "দয়া করে, প্লিজ, ধন্যবাদ, হ্যালো",
    links: "আমাকে, এই, সব",
    isVerbLast: true,
  },
  ta: {
    commands: "நிறுத்து, நிறுத்துங்கள், நிறுத்தவும்",
    phrases: "செய்தி அனுப்ப வேண்டாம், செய்திகளை நிறுத்து, செய்திகளை நிறுத்தவும்",
    nouns: "செய்தி, செய்திகள், செய்திகளை, விளம்பரம்",
    courtesy: "தயவுசெய்து, நன்றி, வணக்கம்",
    links: "எனக்கு, இந்த",
    isVerbLast: true,
  },
  te: {
    commands: "ఆపు, ఆపండి, ఆపివేయండి",
    phrases: "సందేశాలు ఆపండి, మెసేజ్ పంపవద్దు, ఆసక్తి లేదు",
    nouns: "సందేశం, సందేశాలు, మెసేజ్, ప్రకటన",
    courtesy: "దయచేసి, ధన్యవాదాలు, నమస్తే",
    links: "నాకు, ఈ",
    isVerbLast: true,
  },
  gu: {
    commands: "બંધ કરો, બંધ",
    phrases: "મેસેજ બંધ કરો, સંદેશ બંધ કરો, મેસેજ મોકલશો નહીં",
    nouns: "મેસેજ, સંદેશ, જાહેરાત",
    courtesy: "કૃપા કરીને, આભાર, નમસ્તે",
    links: "મને, આ, બધા",
    isVerbLast: true,
  },
  pa: {
    commands: "ਬੰਦ ਕਰੋ, ਬੰਦ, ਰੋਕੋ",
    phrases: "ਮੈਸੇਜ ਬੰਦ ਕਰੋ, ਸੁਨੇਹੇ ਬੰਦ ਕਰੋ, ਮੈਸੇਜ ਨਾ ਭੇਜੋ",
    nouns: "ਮੈਸੇਜ, ਸੁਨੇਹੇ",
    courtesy: "ਕਿਰਪਾ ਕਰਕੇ, ਧੰਨਵਾਦ, ਜੀ",
    links: "ਮੈਨੂੰ, ਇਹ, ਸਾਰੇ",
    isVerbLast: true,
  },
  kn: {
    commands: "ನಿಲ್ಲಿಸಿ, ನಿಲ್ಲಿಸು",
    phrases: "ಸಂದೇಶಗಳನ್ನು ನಿಲ್ಲಿಸಿ, ಮೆಸೇಜ್ ಕಳುಹಿಸಬೇಡಿ",
    nouns: "ಸಂದೇಶ, ಸಂದೇಶಗಳನ್ನು, ಮೆಸೇಜ್",
    courtesy: "ದಯವಿಟ್ಟು, ಧನ್ಯವಾದಗಳು, ನಮಸ್ಕಾರ",
    links: "ನನಗೆ, ಈ",
    isVerbLast: true,
  },
  he: {
    commands: "הסר, הסירו, הסרה, להסיר, תסירו, עצור, עצרו, די, סטופ, הפסק, הפסיקו",
    weak: "ביטול, בטל, לחסום",
    phrases:
      "הסר אותי, הסירו אותי, תסירו אותי, תסיר אותי, להסיר אותי, הסרה מהרשימה, הסרה מרשימת תפוצה, לא מעוניין, לא מעוניינת, " +
      "לא רוצה לקבל, לא רוצה הודעות, תפסיקו לשלוח, להפסיק לשלוח, הפסיקו לשלוח, לא לשלוח, אל תשלחו, ביטול מנוי, בטל מנוי, ביטול הרשמה, " +
      "מחקו את המספר שלי",
    nouns: "הודעה, הודעות, פרסומות, פרסומת, מבצעים, דיוור, מנוי, הרשמה, רשימה, תפוצה",
    courtesy: "בבקשה, תודה, שלום, אנא, כן, עכשיו, היי",
    links: "אותי, אני, לי, מהרשימה, מרשימת, מרשימה, את, של, כל, עוד, לשלוח, לקבל, המספר, שלי, רוצה",
    negations: "לא, אל",
  },
  ro: {
    commands: "stop, opreste, opriti",
    weak: "anuleaza, anulare",
    phrases:
      "nu mai trimiteti, nu mai trimite, nu mai vreau, nu vreau sa primesc, nu ma intereseaza, nu sunt interesat, nu sunt interesata, " +
      "opriti mesajele, opreste mesajele, stergeti numarul meu",
    stems: "dezabon, dezinscri",
    nouns:
      "mesaj, mesaje, mesajele, promotii, promotiile, oferte, ofertele, reclame, reclamele, notificari, abonament",
    courtesy: "va rog, te rog, multumesc, mersi, buna, buna ziua, da, acum",
    links: "ma, eu, sa, de, la, din, aceste, mai, toate, numarul, meu, vreau, imi",
    negations: "nu",
  },
  cs: {
    // "Dost" (enough) alone is "friend" in Hindi and Urdu, so it counts only in phrases.
    commands: "stop, prestante, prestan",
    weak: "konec, zrusit",
    phrases:
      "uz dost, dost zprav, dost reklam, neposilejte, neposilat, nechci dostavat, nechci dalsi, nechci zpravy, nechci reklamu, nechci odebirat, nemam zajem, smazte me cislo, zrusit odber, zrusit odebirani",
    stems: "odhlas",
    nouns:
      "zprava, zpravy, zprav, reklama, reklamy, nabidky, nabidek, akce, odber, odberu, newsletter",
    courtesy: "prosim, dekuji, diky, dobry den, ahoj, ano, hned",
    links: "me, mne, mi, z, ze, od, tyto, dalsi, vsechny, cislo, moje, se, si, a, uz",
    negations: "ne",
  },
  // With Serbian and Bosnian in Latin letters, and Slovene.
  hr: {
    commands: "stop, prestani, prestanite, prekini",
    weak: "otkazi",
    phrases:
      "ne zelim primati, ne zelim poruke, ne saljite, ne salji, ne zanima me, uklonite me, izbrisite me",
    stems: "odjav",
    nouns: "poruka, poruke, reklame, ponude, promocije, obavijesti, newsletter",
    courtesy: "molim, molim vas, hvala, bok, dobar dan, da, odmah",
    links: "me, mene, mi, s, sa, od, ove, vise, sve, liste, slati, primati",
    negations: "ne, nemoj, nemojte",
  },
  bg: {
    commands: "стоп, спри, спрете",
    weak: "отказ",
    phrases: "отпиши ме, отпишете ме, не желая да получавам, не ми пишете, не ме интересува",
    nouns: "съобщения, съобщенията, реклами, оферти, бюлетин",
    courtesy: "моля, благодаря, здравейте, да",
    links: "ме, ми, от, да, тези, повече, вашия, списъка",
    negations: "не",
  },
  sv: {
    commands: "stop, stopp, stoppa, sluta",
    weak: "avsluta, avbryt, blockera",
    phrases:
      "ta bort mig, ta bort mitt nummer, inga fler meddelanden, ingen reklam, inte intresserad, ej intresserad, sluta skicka, skicka inte",
    stems: "avregistrer, avprenumerer, avanmal",
    nouns:
      "meddelande, meddelanden, reklam, erbjudande, erbjudanden, utskick, nyhetsbrev, kampanjer, sms",
    courtesy: "tack, snalla, vanligen, hej, ja, nu, genast",
    links: "mig, jag, vill, fran, era, dessa, alla, fler, mer, mitt, nummer, att, skicka, och",
    negations: "inte, aldrig",
  },
  // With Norwegian, which shares nearly all of them.
  da: {
    commands: "stop, stopp, stop det, stopp det, hold op, slutt med",
    weak: "annuller, bloker",
    phrases:
      "ikke interesseret, ikke interessert, ingen reklamer, ingen reklame, ingen flere beskeder, ingen flere meldinger, meld meg av, " +
      "meld mig fra, fjern meg, fjern mig, slet mit nummer",
    stems: "afmeld, avmeld, frameld, afmeldt",
    nouns:
      "besked, beskeder, melding, meldinger, reklame, reklamer, tilbud, nyhedsbrev, nyhetsbrev, sms",
    courtesy: "tak, takk, venligst, vennligst, hej, hei, ja, nu",
    links:
      "mig, meg, jeg, vil, fra, jeres, disse, alle, flere, mere, mit, mitt, nummer, at, send, og",
    negations: "ikke, aldrig",
  },
  fi: {
    commands: "lopeta, lopettakaa",
    weak: "peruuta",
    phrases:
      "peru tilaus, peruuta tilaus, en ole kiinnostunut, ei kiinnosta, ei enaa viesteja, poista numeroni, alkaa lahettako",
    nouns: "viesti, viestit, viesteja, viestien, mainos, mainokset, mainoksia, tilaus, tarjoukset",
    courtesy: "kiitos, ole hyva, hei, moi, kylla, heti",
    links: "minut, minulle, nama, kaikki, enaa, ja, lahettaminen",
  },
  el: {
    commands: "σταματηστε, σταματα, διακοπη, διαγραφη, στοπ",
    weak: "ακυρωση",
    phrases: "δεν ενδιαφερομαι, μη στελνετε, μην στελνετε, διαγραψτε με, διακοπη μηνυματων",
    stems: "απεγγραφ",
    nouns: "μηνυμα, μηνυματα, μηνυματων, διαφημισεις, προσφορες",
    courtesy: "παρακαλω, ευχαριστω, γεια, καλημερα, ναι, τωρα",
    links: "με, μου, να, τα, αλλα, απο, τη, λιστα, σας",
    negations: "δεν, μην, μη",
  },
  hu: {
    commands: "stop, alljon le, eleg",
    weak: "lemondas, torles",
    phrases: "nem erdekel, ne kuldjenek, ne kuldjon, toroljenek, torolje a szamomat",
    stems: "leiratkoz, leiratkozom, lemondom",
    nouns: "uzenet, uzenetet, uzenetek, reklam, reklamot, ajanlat, ajanlatot, hirlevel",
    courtesy: "kerem, koszonom, szia, jo napot, igen, most",
    links: "a, az, ezt, tobb, tobbet, engem, listarol, rola",
    isVerbLast: true,
    negations: "nem, ne",
  },
  vi: {
    // Without its accents "dừng" (stop) is "đúng" (right), so it counts only in phrases.
    commands:
      "huy dang ky, tu choi nhan tin, dung gui tin, dung gui tin nhan, ngung, ngung gui tin, tu choi",
    weak: "huy",
    phrases: "khong quan tam, khong muon nhan, dung gui nua, xoa so cua toi",
    nouns: "tin nhan, quang cao, khuyen mai, thong bao",
    courtesy: "xin, vui long, cam on, xin chao, lam on",
    links: "toi, nay, nua, cho",
  },
  fil: {
    commands: "itigil, tigil",
    phrases:
      "ayoko na, ayaw ko na, hindi interesado, hindi ako interesado, huwag na magpadala, itigil ang mensahe",
    nouns: "mensahe, text, promo, patalastas",
    courtesy: "paki, po, salamat, maraming salamat, opo, oo",
    links: "ako, ang, mga, na, sa, ng, ito, akin",
  },
  sw: {
    // "Acha" (stop) alone is "all right" in Hindi and Urdu, so it counts only in phrases.
    commands: "sitisha, simamisha, komesha",
    weak: "ghairi",
    phrases:
      "acha kutuma, acha kunitumia, acha ujumbe, acha matangazo, usitume, usinitumie, msinitumie, sitaki ujumbe, sitaki matangazo, niondoe, niondoeni, jiondoe, sina haja",
    nouns: "ujumbe, jumbe, matangazo, tangazo, ofa",
    courtesy: "tafadhali, asante, asanteni, habari, ndiyo, sasa",
    links: "kwa, kutoka, kwenye, orodha, hii, haya, yenu, zenu, tena, zaidi, na, ya, za",
  },
  th: {
    commands: "หยุด, หยุดส่ง, หยุดส่งข้อความ, หยุดครับ, หยุดค่ะ, เลิกส่ง",
    weak: "ยกเลิก, ยกเลิกครับ, ยกเลิกค่ะ",
    phrases: "ยกเลิกการสมัคร, ยกเลิกการรับข้อความ, เลิกรับข้อความ, ไม่รับข้อความ, ไม่สนใจ, ไม่สนใจครับ, ไม่สนใจค่ะ",
    nouns: "ข้อความ, โฆษณา, โปรโมชั่น",
    courtesy: "กรุณา, ขอบคุณ, ครับ, ค่ะ, สวัสดี",
    links: "ด้วย, นี้",
  },
  ja: {
    commands: "停止, 配信停止, 解除, 配信解除, やめて, やめてください, 停止してください, ストップ",
    weak: "キャンセル",
    phrases:
      "配信停止, 配信停止してください, 配信停止希望, 登録解除, 購読解除, 興味ありません, 興味がありません, 送らないでください",
    nouns: "メッセージ, 広告, 配信, お知らせ",
    courtesy: "お願いします, ください, はい, すみません, ありがとう, ありがとうございます",
    links: "もう",
    isVerbLast: true,
  },
  ko: {
    commands: "중지, 그만, 그만해, 그만하세요, 그만 보내세요, 멈춰, 스톱",
    weak: "취소, 차단",
    phrases:
      "수신거부, 수신 거부, 구독취소, 구독 취소, 구독 해지, 관심없음, 관심 없음, 관심 없어요, 관심 없습니다, 보내지 마세요, 광고 거부",
    nouns: "메시지, 문자, 광고, 알림",
    courtesy: "제발, 감사합니다, 안녕하세요, 네, 부탁드립니다, 해주세요",
    links: "이제, 더, 이상",
    isVerbLast: true,
  },
  zh: {
    commands: "退订, 退訂, 停止, 取消订阅, 取消訂閱, 停止发送, 停止發送",
    weak: "取消, 屏蔽",
    phrases:
      "取消订阅, 取消訂閱, 退订, 退訂, 不感兴趣, 不感興趣, 没兴趣, 沒興趣, 不要再发, 不要再發, 别再发了, 不要发了, 拒收",
    nouns: "消息, 短信, 广告, 廣告, 信息, 推广",
    courtesy: "请, 請, 谢谢, 謝謝, 你好, 您好, 是",
    links: "我, 再, 给, 給",
  },
};

/**
 * Beginnings of the lines that mail and phone apps write under a message: "Sent from my iPhone". A
 * `~` is any words.
 */
export const SIGNATURE_LINES =
  "sent from, sent via, get outlook, enviado do, enviado da, enviado de, enviado desde, enviado pelo, enviado por, enviado via, obtenha o outlook, " +
  "obter o outlook, obtener outlook, descarga outlook, envoye de, envoye depuis, envoye a partir, telecharger outlook, obtenir outlook, " +
  "gesendet von, gesendet mit, von meinem, von meiner, diese nachricht wurde von, inviato da, inviato dal, inviato con, verzonden vanaf, " +
  "verzonden met, verstuurd vanaf, verstuurd met, wyslane z, wyslano z, отправлено с, отправлено из, надіслано з, تم الارسال من, مرسل من, " +
  "ارسلت من, dikirim dari, נשלח מ, נשלח מה, skickat fran, skickat med, sendt fra, lahetetty, odeslano z, odoslane z, trimis de pe, " +
  "~ gonderildi, iphone rol, मेरे ~ से भेजा, iphoneから送信, 나의 ~ 보냄, 发自我的, 从我的 ~ 发送, 從我的 ~ 傳送";

/** Words that end a letter; a name may follow. */
export const CLOSINGS =
  "regards, best regards, kind regards, warm regards, best wishes, best, cheers, sincerely, yours, thanks, thank you, thx, atenciosamente, att, " +
  "abracos, abs, obrigado, obrigada, saludos, un saludo, atentamente, gracias, cordialement, bien a vous, merci, mit freundlichen grussen, " +
  "freundliche grusse, viele grusse, liebe grusse, gruss, mfg, vg, lg, danke, saluti, cordiali saluti, distinti saluti, grazie, groet, " +
  "groeten, groetjes, met vriendelijke groet, bedankt, pozdrawiam, dziekuje, saygilarimla, tesekkurler, с уважением, спасибо, تحياتي, " +
  "شكرا, धन्यवाद, terima kasih, salam, תודה, בברכה, mvh, med vanliga halsningar, tack, tak, takk";

/** Words that may stand before a command: who wants it. */
export const WISHES =
  "se, s, te, i, we, want, would, like, wish, need, to, eu, me, quero, gostaria, desejo, de, yo, quiero, quisiera, deseo, je, veux, voudrais, souhaite, " +
  "io, voglio, vorrei, saya, aku, mau, ingin, я, хочу, прошу, хотел бы, хотела бы, мене, мені, прошу вас, اريد, ارجو, אני, רוצה, chce, ja, " +
  "vreau, chci, jag, jeg, vill, vil";

/** Words of programmers in the payload of a button, which count as courtesy there. */
export const PAYLOAD_WORDS =
  "btn, button, action, payload, reply, quick, quickreply, quick reply, id, cmd, command, type, value, user, lead, option, opt, menu, flow, event, click, " +
  "tap, response, intent, botao, boton, template, campaign";

/**
 * Beginnings of words on buttons that may be meant to opt out and are common in other matters as
 * well.
 */
export const SUSPECT_STEMS =
  "cancel, anul, annul, remov, delet, block, bloque, mute, silenc, interr, desativ, desactiv, disattiv, deaktiv, leave";
