"""Sentences in many languages, made for tests, with the encodings that their countries wrote before Unicode."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, islice


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: the encodings its texts are found in, and a few sentences of it."""

    encodings: tuple[str, ...]
    sentences: tuple[str, ...]

    def texts(self, count: int) -> list[str]:
        """Return texts of a short paragraph, each of other sentences."""
        some = (chosen for size in (3, 2, 4) for chosen in combinations(self.sentences, size))
        return [" ".join(chosen) for chosen in islice(some, count)]


TONGUES: dict[str, Tongue] = {
    "spanish": Tongue(
        ("cp1252", "iso8859_15"),
        (
            "El taller abre de lunes a viernes, de ocho de la mañana a seis de la tarde.",
            "¿Cuánto tarda la reparación de una cámara pequeña?",
            "Si el paquete llega dañado, envíenos una fotografía y lo cambiaremos gratis.",
            "La señora Núñez enseña a los niños a montar en bicicleta por la montaña.",
            "Después de las vacaciones subirá el precio de la habitación con baño.",
            "Ningún cliente debe pagar más de quince euros por el envío a España.",
        ),
    ),
    "french": Tongue(
        ("cp1252", "iso8859_15"),
        (
            "Le garage est fermé le lundi, mais la boutique reste ouverte jusqu'à midi.",
            "Où puis-je déposer mon vieux vélo avant l'été ?",
            "La garantie couvre les pièces pendant trois années après la livraison.",
            "Nos crêpes sont préparées à la main, avec du beurre salé et des œufs frais.",
            "Une taxe de séjour de deux euros s'ajoute à chaque nuitée à l'hôtel.",
            "Dès que le colis a été expédié, vous recevez un numéro de suivi.",
        ),
    ),
    "german": Tongue(
        ("cp1252", "iso8859_15"),
        (
            "Die Werkstatt öffnet früh um sieben und schließt gegen fünf Uhr nachmittags.",
            "Für Schüler und Rentner ermäßigt sich der Eintritt um die Hälfte.",
            "Wer ein Gerät zurückgibt, erhält das Geld innerhalb von zwölf Tagen.",
            "Bitte drücken Sie die grüne Taste, bis die Anzeige zweimal blinkt.",
            "Größere Möbel liefern wir nur nach vorheriger Absprache über die Straße.",
            "Im Frühjahr führen wir täglich Gäste durch die Räume des Schlösschens.",
        ),
    ),
    "portuguese": Tongue(
        ("cp1252",),
        (
            "A loja não abre aos domingos, mas as encomendas são entregues até às dez.",
            "Quanto custa a inscrição na piscina para crianças com menos de seis anos?",
            "O pão é feito à mão e sai do forno três vezes por manhã.",
            "Depois da instalação, o técnico verifica a pressão e a temperatura da água.",
            "Os cartões perdidos devem ser comunicados à receção no próprio dia.",
            "Aceitamos devoluções durante um mês, desde que a etiqueta esteja intacta.",
        ),
    ),
    "italian": Tongue(
        ("cp1252",),
        (
            "La biblioteca è aperta tutti i giorni, perché gli studenti ne hanno bisogno.",
            "Più di metà dei biglietti è già stata venduta in città.",
            "Il caffè si può ordinare al banco; il tè costa due euro e cinquanta.",
            "Chi arriverà dopo mezzanotte troverà la chiave sotto il vaso, così potrà entrare.",
            "La qualità della farina cambia con l'umidità e con l'età del grano.",
            "Venerdì la funivia è chiusa, però lunedì riaprirà alle sette.",
        ),
    ),
    "swedish": Tongue(
        ("cp1252",),
        (
            "Båten går från bryggan klockan åtta och är framme på ön efter en timme.",
            "Hur många nätter får man tälta på samma ställe i skogen?",
            "Ring oss gärna om värmen slutar fungera under vintern.",
            "Barn åker gratis när de har en vuxen med sig på tåget.",
            "Köttbullarna serveras med gräddsås, potatis och rårörda lingon.",
            "Nyckeln hänger bakom dörren till höger om kylskåpet.",
        ),
    ),
    "polish": Tongue(
        ("cp1250", "iso8859_2"),
        (
            "Warsztat jest czynny od poniedziałku do piątku, a w sobotę tylko do południa.",
            "Ile kosztuje przesyłka książki do Gdańska i jak długo trzeba na nią czekać?",
            "Jeżeli paczka przyjdzie uszkodzona, proszę zrobić zdjęcie i napisać do nas.",
            "Łódź można wypożyczyć na cały dzień, płacąc z góry dwieście złotych.",
            "Dzieci poniżej siódmego roku życia wchodzą do muzeum bezpłatnie.",
            "Przed użyciem należy wstrząsnąć butelką i sprawdzić datę ważności.",
        ),
    ),
    "czech": Tongue(
        ("cp1250", "iso8859_2"),
        (
            "Dílna má otevřeno každý všední den od sedmi hodin ráno.",
            "Kolik stojí doručení zásilky do Brna a kdy přijde?",
            "Když se přístroj přehřeje, vypněte jej a počkejte čtvrt hodiny.",
            "Děti mladší šesti let mají vstup na hrad zdarma.",
            "Před prvním použitím důkladně opláchněte nádobu teplou vodou.",
            "Účtenku si uschovejte, bez ní nelze zboží vyměnit.",
        ),
    ),
    "hungarian": Tongue(
        ("cp1250", "iso8859_2"),
        (
            "A műhely hétköznap reggel nyolctól délután ötig tart nyitva.",
            "Mennyibe kerül a csomag kézbesítése, és mikor érkezik meg?",
            "Ha a készülék túlmelegszik, kapcsolja ki, és várjon tíz percet.",
            "A gyermekek hatéves korig ingyen léphetnek be a fürdőbe.",
            "Kérjük, őrizze meg a nyugtát, mert anélkül nem tudjuk kicserélni az árut.",
            "Az első használat előtt öblítse ki az edényt meleg vízzel.",
        ),
    ),
    "romanian": Tongue(
        ("cp1250", "iso8859_2"),
        (
            "Atelierul este deschis în fiecare zi, iar sâmbăta doar până la prânz.",
            "Cât costă livrarea unui colet şi câte zile durează până ajunge?",
            "Dacă aparatul se încălzeşte prea tare, opriţi-l şi aşteptaţi un sfert de oră.",
            "Copiii sub şapte ani intră gratuit la muzeu, însoţiţi de un părinte.",
            "Păstraţi chitanţa, fiindcă fără ea marfa nu poate fi schimbată.",
            "Înainte de folosire clătiţi vasul cu apă caldă şi ştergeţi-l bine.",
        ),
    ),
    "croatian": Tongue(
        ("cp1250",),
        (
            "Radionica je otvorena svaki radni dan, a subotom samo do podneva.",
            "Koliko košta dostava paketa i kada će stići na našu adresu?",
            "Ako se uređaj pregrije, isključite ga i pričekajte četvrt sata.",
            "Djeca mlađa od šest godina ulaze u muzej besplatno.",
            "Sačuvajte račun jer bez njega ne možemo zamijeniti robu.",
            "Prije prve uporabe isperite posudu vrućom vodom i dobro je obrišite.",
        ),
    ),
    "turkish": Tongue(
        ("cp1254", "iso8859_9"),
        (
            "Atölye hafta içi her gün sabah sekizde açılır, akşam altıda kapanır.",
            "Kargo ücreti ne kadar ve paket kaç günde elime ulaşır?",
            "Cihaz aşırı ısınırsa fişini çekin ve yirmi dakika bekleyin.",
            "Yedi yaşından küçük çocuklar müzeye ücretsiz girebilir.",
            "Fişinizi saklayın, çünkü o olmadan ürünü değiştiremiyoruz.",
            "İlk kullanımdan önce kabı sıcak suyla çalkalayıp iyice kurulayın.",
        ),
    ),
    "lithuanian": Tongue(
        ("cp1257",),
        (
            "Dirbtuvė dirba kiekvieną darbo dieną nuo aštuntos valandos ryto.",
            "Kiek kainuoja siuntos pristatymas ir kada ji pasieks mūsų miestą?",
            "Jeigu prietaisas įkaista, išjunkite jį ir palaukite ketvirtį valandos.",
            "Vaikai iki šešerių metų į muziejų įleidžiami nemokamai.",
            "Išsaugokite čekį, nes be jo prekės pakeisti negalėsime.",
            "Prieš pirmąjį naudojimą indą išplaukite šiltu vandeniu.",
        ),
    ),
    "vietnamese": Tongue(
        ("cp1258",),
        (
            "Cửa hàng mở cửa từ thứ hai đến thứ bảy, nghỉ trưa một tiếng.",
            "Phí giao hàng là bao nhiêu và mất mấy ngày thì nhận được?",
            "Nếu máy quá nóng, hãy rút phích cắm và chờ khoảng mười phút.",
            "Trẻ em dưới sáu tuổi được vào bảo tàng miễn phí cùng cha mẹ.",
            "Xin giữ lại hóa đơn, vì không có nó chúng tôi không thể đổi hàng.",
            "Trước khi dùng lần đầu, rửa bình bằng nước ấm rồi lau khô.",
        ),
    ),
    "russian": Tongue(
        ("cp1251", "koi8_r", "iso8859_5", "cp866"),
        (
            "Мастерская работает по будням с девяти утра до шести вечера.",
            "Сколько стоит доставка посылки и когда она придёт в наш город?",
            "Если прибор перегрелся, выключите его и подождите четверть часа.",
            "Дети до семи лет проходят в музей бесплатно вместе с родителями.",
            "Сохраните чек: без него мы не сможем обменять товар.",
            "Перед первым использованием промойте сосуд тёплой водой.",
        ),
    ),
    "ukrainian": Tongue(
        ("cp1251", "koi8_u"),
        (
            "Майстерня працює щодня, крім неділі, з дев'ятої ранку до шостої вечора.",
            "Скільки коштує доставка посилки і коли вона надійде до нашого міста?",
            "Якщо прилад перегрівся, вимкніть його й зачекайте чверть години.",
            "Діти віком до семи років заходять до музею безкоштовно.",
            "Збережіть чек, бо без нього ми не зможемо обміняти товар.",
            "Перед першим використанням промийте посудину теплою водою.",
        ),
    ),
    "greek": Tongue(
        ("cp1253", "iso8859_7"),
        (
            "Το εργαστήριο ανοίγει κάθε πρωί στις οκτώ και κλείνει το απόγευμα.",
            "Πόσο κοστίζει η αποστολή του δέματος και πότε θα φτάσει;",
            "Αν η συσκευή ζεσταθεί πολύ, σβήστε την και περιμένετε ένα τέταρτο.",
            "Τα παιδιά κάτω των έξι ετών μπαίνουν δωρεάν στο μουσείο.",
            "Κρατήστε την απόδειξη, γιατί χωρίς αυτήν δεν αλλάζουμε το προϊόν.",
            "Πριν από την πρώτη χρήση ξεπλύνετε το δοχείο με ζεστό νερό.",
        ),
    ),
    "hebrew": Tongue(
        ("cp1255", "iso8859_8"),
        (
            "בית המלאכה פתוח בכל יום מן הבוקר ועד חמש אחר הצהריים.",
            "כמה עולה המשלוח של החבילה ומתי היא תגיע אלינו?",
            "אם המכשיר מתחמם מדי, כבו אותו והמתינו רבע שעה.",
            "ילדים עד גיל שש נכנסים למוזיאון בחינם עם הוריהם.",
            "שמרו את הקבלה, כי בלעדיה לא נוכל להחליף את המוצר.",
            "לפני השימוש הראשון שטפו את הכלי במים חמים.",
        ),
    ),
    "arabic": Tongue(
        ("cp1256", "iso8859_6"),
        (
            "تفتح الورشة أبوابها كل يوم من الثامنة صباحا حتى الخامسة مساء.",
            "كم تبلغ تكلفة توصيل الطرد ومتى يصل إلى مدينتنا؟",
            "إذا ارتفعت حرارة الجهاز فأطفئه وانتظر ربع ساعة.",
            "يدخل الأطفال دون السادسة إلى المتحف مجانا مع والديهم.",
            "احتفظ بالإيصال لأننا لا نستطيع استبدال البضاعة من دونه.",
            "قبل الاستعمال الأول اغسل الوعاء بماء دافئ وجففه جيدا.",
        ),
    ),
    "thai": Tongue(
        ("cp874",),
        (
            "ร้านซ่อมเปิดทุกวันตั้งแต่แปดโมงเช้าถึงห้าโมงเย็น",
            "ค่าส่งพัสดุเท่าไรและจะถึงบ้านเราเมื่อไหร่",
            "ถ้าเครื่องร้อนเกินไปให้ปิดแล้วรอสักสิบห้านาที",
            "เด็กอายุต่ำกว่าหกขวบเข้าพิพิธภัณฑ์ได้ฟรีพร้อมผู้ปกครอง",
            "กรุณาเก็บใบเสร็จไว้ เพราะถ้าไม่มีเราเปลี่ยนสินค้าให้ไม่ได้",
            "ก่อนใช้ครั้งแรกควรล้างภาชนะด้วยน้ำอุ่นและเช็ดให้แห้ง",
        ),
    ),
    "japanese": Tongue(
        ("cp932", "euc_jp", "iso2022_jp"),
        (
            "工房は平日の朝八時から夕方五時まで開いています。",
            "荷物の送料はいくらで、いつごろ届きますか。",
            "本体が熱くなったら電源を切り、十五分ほどお待ちください。",
            "六歳未満のお子様は保護者と一緒なら博物館に無料で入れます。",
            "領収書がないと商品を交換できませんので、大切に保管してください。",
            "初めて使う前に、容器をぬるま湯でよく洗って乾かします。",
        ),
    ),
    "chinese": Tongue(
        ("gb18030",),
        (
            "维修店每天早上八点开门，下午五点关门。",
            "包裹的运费是多少，大概几天可以送到？",
            "如果机器太热，请关掉电源，等十五分钟再用。",
            "六岁以下的孩子由父母陪同可以免费参观博物馆。",
            "请保留收据，没有收据我们不能更换商品。",
            "第一次使用之前，请用温水把容器洗干净并擦干。",
        ),
    ),
    "traditional chinese": Tongue(
        ("big5",),
        (
            "維修店每天早上八點開門，下午五點關門。",
            "包裹的運費是多少，大概幾天可以送到？",
            "如果機器太熱，請關掉電源，等十五分鐘再用。",
            "六歲以下的孩子由父母陪同可以免費參觀博物館。",
            "請保留收據，沒有收據我們不能更換商品。",
            "第一次使用之前，請用溫水把容器洗乾淨並擦乾。",
        ),
    ),
    "korean": Tongue(
        ("euc_kr",),
        (
            "공방은 평일 아침 여덟 시에 열고 오후 다섯 시에 닫습니다.",
            "소포 배송비는 얼마이고 며칠이면 도착하나요?",
            "기계가 너무 뜨거워지면 전원을 끄고 십오 분쯤 기다리세요.",
            "여섯 살 미만 어린이는 부모와 함께 박물관에 무료로 들어갑니다.",
            "영수증이 없으면 물건을 바꿔 드릴 수 없으니 꼭 보관하세요.",
            "처음 쓰기 전에 그릇을 따뜻한 물로 씻어 말려 주세요.",
        ),
    ),
}
