"""The words by which people ask and which say nothing of what they ask about, by language.

PostgreSQL's stop words are those of documents: "combien", "cuánto" and "kadar" are none, and hardly a document holds
them, so that they would count as the rarest words of a question. They are left out of questions and kept in
documents. Languages that PostgreSQL has no configuration for have their other function words here too.
"""

from __future__ import annotations

# By the names of `datasets.languages`.
WORDS: dict[str, str] = {
    "english": (
        "what which who whom whose when where why how much many do did does is are was were be been can could may "
        "might must shall should will would have has had there it its i my me we us our you your he she they them "
        "their this that these those the a an of in on at to for from by with about into and or not please tell "
        "explain if than"
    ),
    "german": (
        "wer wen wem wessen was wann wo woher wohin wofür womit wodurch worauf woran worin warum weshalb wieso "
        "wie viel viele vielen vieler lange lang oft weit hoch welche welcher welches welchen welchem ist sind "
        "war waren hat haben hatte hatten wird werden wurde wurden kann kannst könnt können könnte muss müssen "
        "darf dürfen soll sollte will möchte ich du er sie es wir ihr mir mich dir uns euch mein meine meinen "
        "meiner dein deine ihre ihren ihrer sein seine seinen man gibt gab denn eigentlich bitte sag erkläre "
        "nenne der die das den dem des ein eine einen einem einer eines und oder nicht kein keine im in an am auf "
        "aus bei beim mit nach von vom zu zum zur für über um durch gegen als auch noch mal etwa ungefähr gemacht "
        "getan"
    ),
    "french": (
        "qui que quoi quel quelle quels quelles quand où pourquoi comment combien lequel laquelle lesquels "
        "lesquelles est sont était étaient sera être ce cet cette ces c qu il elle ils elles on je j tu nous vous "
        "me m te t se s mon ma mes votre vos notre nos son sa ses leur leurs y a ont avait as ai avez avons avoir "
        "peut peuvent puis pouvez peux doit doivent dois faut fait font faire fut furent été veux voulez voudrais "
        "le la les l un une des du de d au aux dans en sur pour par avec sans et ou ne n pas plus temps fois type "
        "sorte plaît dites dis moi expliquez donnez"
    ),
    "spanish": (
        "qué que quién quiénes cuál cuáles cuándo dónde adónde cómo cuánto cuánta cuántos cuántas por porqué para "
        "es son era eran fue fueron será ser está están estaba hay había ha han haber tiene tienen tengo tenía "
        "tuvo puede pueden puedo podría se me te le les lo la los las el un una unos unas del de al a en con sin "
        "sobre desde hasta y o u no si mi mis tu tus su sus yo tú usted ustedes nosotros ellos ella él esto este "
        "esta estos estas ese esa tipo debo debe deben hace hacen hacer hizo hicieron quiero necesito favor dime "
        "explica"
    ),
    "portuguese": (
        "que quê quem qual quais quando onde aonde como quanto quanta quantos quantas por porque porquê para é "
        "são era eram foi foram será ser está estão estava há havia tem têm tenho tinha teve ter pode podem posso "
        "poderia se me te lhe o a os as um uma uns umas do da dos das de no na nos nas em ao aos à às com sem "
        "sobre e ou não meu minha meus minhas seu sua seus suas eu você vocês nós ele ela eles elas isto este "
        "esta esse essa tipo devo deve devem faz fazem fazer fez quero preciso favor diga explique pelo pela"
    ),
    "italian": (
        "chi che cosa cos quale qual quali quando dove dov come com quanto quanta quanti quante perché è sono era "
        "erano fu furono sarà essere sta stanno c ci ce ha hanno ho hai aveva avevano avere può possono posso "
        "potrei si mi ti vi il lo la i gli le l un uno una del dello della dei degli delle dell al allo alla ai "
        "agli alle all nel nella nei nell dal dalla da di a in con su sul sulla per tra fra e o non se mio mia "
        "miei mie tuo tua suo sua suoi sue loro io tu lui lei noi voi questo questa questi quel quella tipo devo "
        "deve devono bisogna fa fanno fare fatto voglio vorrei favore dimmi spiega"
    ),
    "dutch": (
        "wie wiens wat wanneer waar waarom waarmee waarvoor hoe hoeveel hoelang lang vaak ver welk welke is zijn "
        "was waren wordt worden werd werden heeft hebben had hadden heb hebt kan kunnen kon kun mag mogen moet "
        "moeten zal zullen ik jij je u hij zij ze wij we het mij me mijn jouw uw hun hen de een er dit dat deze "
        "die van in op aan met voor door naar uit bij om te tot over en of niet geen alstublieft graag vertel wil "
        "doet doen deed soort"
    ),
    "swedish": (
        "vem vems vad när var varför varifrån vart hur mycket många länge ofta långt vilken vilket vilka är vore "
        "har hade ha kan kunde får fick måste ska skall skulle vill finns fanns jag du han hon den det de vi ni "
        "mig dig oss er min mitt mina din ditt dina sin en ett och eller inte på i av för med till från om som "
        "att så blir blev gör gjorde snälla berätta"
    ),
    "danish": (
        "hvem hvis hvad hvornår hvor hvorfor hvordan hvilken hvilket hvilke meget mange længe ofte langt er var "
        "har havde have kan kunne må måtte skal skulle vil ville findes der jeg du han hun den det de vi i mig "
        "dig os jer min mit mine din dit dine en et og eller ikke på af for med til fra om som at så bliver blev "
        "gør gjorde"
    ),
    "norwegian": (
        "hvem hva når hvor hvorfor hvordan hvilken hvilket hvilke mye mange lenge ofte langt er var har hadde ha "
        "kan kunne må måtte skal skulle vil ville finnes jeg du han hun den det de vi dere meg deg oss min mitt "
        "mine din ditt dine en ei et og eller ikke på i av for med til fra om som at så blir ble gjør gjorde"
    ),
    "finnish": (
        "kuka kenen ketkä keitä mikä mitä minkä millä missä mistä mihin milloin koska miksi miten kuinka montako "
        "paljonko paljon monta kauan usein millainen millaisia kumpi on ovat oli olivat onko ole voi voiko voivat "
        "voin voinko saa saako pitää pitääkö minä sinä hän me te he minun sinun se ne tämä ja tai ei että kun jos"
    ),
    "hungarian": (
        "ki kik kinek kit mi mik mit minek mikor hol hová honnan miért hogyan hogy mennyi mennyibe mennyire hány "
        "hányan meddig milyen melyik melyek van vannak volt voltak lesz kell lehet tud tudok tudom én te ő ti ők "
        "a az egy és vagy nem is ez ezt azt be el meg kérem"
    ),
    "romanian": (
        "cine cui ce care cărui cărei când unde de cum cât câtă câți câte este e sunt era erau a fost fi am ai au "
        "are aveți aveam avea poate pot pute puteți trebuie eu tu el ea noi voi ei ele mi îmi își îți vă se să îl "
        "îi l i un o unei unui al ale la în din pe pentru cu fără prin despre și sau nu dacă mea meu mele mei tău "
        "ta fel tip vreau rog face fac făcut avut"
    ),
    "turkish": (
        "kim kimin kime kimi kimler ne neyi neyin nedir neler nelerdir neden niçin niye nasıl nerede nereye "
        "nereden neresi hangi hangisi kaç kaçıncı kadar zaman mı mi mu mü mıdır midir mudur müdür mısın misiniz "
        "musunuz var yok ben sen o biz siz onlar bana sana benim senin onun bizim sizin ve veya ya da de ile için "
        "bir bu şu olan olarak oldu olur olmuş olmuştur ol olmak edilir edildi etti etmek eder yapılır yaptı göre "
        "daha en çok şey tür lütfen söyle açıkla idi ise sürer"
    ),
    "catalan": (
        "qui què que quin quina quins quines quan on com quant quanta quants quantes per perquè és són era eren "
        "fou hi ha havia té tenen pot poden puc es em et el la els les l un una uns unes del dels de d al als a "
        "en amb i o no si meu meva seu seva jo tu vostè aquest aquesta fa fer"
    ),
    "basque": (
        "nor nork noren nori zer zerk zein zeintzuk noiz non nora nondik zergatik nola zenbat zenbait da dira zen "
        "ziren du dute zuen dago daude dut ahal behar eta edo ez ni zu hura gu nire zure bat hau hori"
    ),
    "indonesian": (
        "apa apakah siapa siapakah kapan kapankah mana dimana dimanakah kemana darimana mengapa kenapa bagaimana "
        "bagaimanakah berapa berapakah lama banyak jauh adalah ialah ada bisa bisakah dapat dapatkah boleh harus "
        "akan sudah saya aku kamu anda dia kami kita mereka ini itu yang di ke dari dan atau tidak untuk pada "
        "dengan oleh dalam tolong"
    ),
    "irish": "cé cad céard cathain cén conas cá fáth an bhfuil tá is na agus nó ag ar le do mo sé sí mé tú",
    "lithuanian": (
        "kas ko kam ką kuo kada kur iš kodėl kaip kiek koks kokia kokie kokios kuris kuri kurie ar yra buvo bus "
        "gali galima galiu reikia aš tu jis ji mes jūs jie mano tavo ir arba ne su į per už nuo iki apie"
    ),
    "russian": (
        "кто кого кому кем чей чья что чего чему чем какой какая какое какие какого каком какую каким каких "
        "который которая которые когда где куда откуда почему зачем как сколько насколько долго часто ли есть был "
        "была было были будет быть может могут могу можно можете нужно надо должен я ты он она оно мы вы они мне "
        "меня мой моя мои ваш ваша вас вам его её их свой этот эта это эти тот в во на с со у к ко из от до за по "
        "о об для при и или не а же бы пожалуйста расскажите скажите"
    ),
    "serbian": (
        "ко кога коме чији шта што који која које којих када где куда одакле зашто како колико колика је су био "
        "била било били може могу мора треба да ли ја ти он она ми ви они мој ваш у на са од до за и или не се"
    ),
    "greek": (
        "ποιος ποια ποιο ποιοι ποιες ποιον ποιων ποιους ποιου ποιας τι πότε πού που γιατί πώς πως πόσο πόση πόσος "
        "πόσοι πόσες πόσα πόσους πόσων είναι ήταν έχει έχουν είχε είχαν έχω μπορεί μπορούν μπορώ μπορούμε πρέπει "
        "υπάρχει υπάρχουν εγώ εσύ αυτός αυτή αυτό μου σου του της των τους μας σας ο η το οι τα τον την ένας μια "
        "μία ένα σε στο στη στην στον στα στις στους με από για και ή δεν να θα αν ως κατά προς είδος παρακαλώ"
    ),
    "armenian": ("ով ում ինչ ինչը որ որը երբ որտեղ ուր ինչու ինչպես քանի որքան է են էր էին կարող և կամ ես դու նա մենք"),
    "arabic": (
        "من ما ماذا متى أين كيف لماذا لم كم أي أية هل بكم مما عما بماذا هو هي هم هذا هذه ذلك تلك التي الذي الذين "
        "كان كانت كانوا يكون تكون تم يتم هناك يوجد توجد يمكن يمكنني أستطيع أنا أنت نحن لي لك له لها لهم في على "
        "إلى عن مع بين منذ قبل بعد أو و لا قد أن إن ليس مقدار عدد نوع فضلك"
    ),
    "hindi": (
        "क्या कौन किस किसे किसने किसका किसकी किसके किन कब कहाँ कहां क्यों कैसे कैसा कैसी कितना कितनी कितने कौनसा "
        "कौनसी सा सी से है हैं था थी थे हो होता होती होते हुआ हुई हुए गया गई गए जाता जाती जाते सकता सकती सकते मैं "
        "मुझे मेरा मेरी हम हमारा आप आपका वह वे यह ये उस उसके इस इसके का की के को में पर ने और या नहीं तक लिए साथ "
        "द्वारा बाद किया करने कर करता करते करना लिये"
    ),
    "nepali": "के को कसले कसको कुन कहिले कहाँ किन कसरी कति छ छन् थियो हो म तपाईं र वा मा ले लाई बाट",
    "tamil": "யார் என்ன எது எந்த எப்போது எங்கே எங்கு ஏன் எப்படி எத்தனை எவ்வளவு உள்ளது இருக்கிறது நான் நீங்கள் மற்றும் அல்லது",
    "polish": (
        "kto kogo komu kim czyj czyja co czego czemu czym kiedy gdzie skąd dokąd dlaczego jak jaki jaka jakie "
        "jakiego jakiej jakim jakich jaką ile ilu który która które którego której którym których którą czy jest "
        "są był była było byli będzie być ma mają mam miał można może mogę możemy trzeba należy muszę powinien ja "
        "ty on ona ono my wy oni mnie mi mój moja moje się go ich jego jej ten ta to te tego tej tym w we na z ze "
        "u do od po o dla przy przez za nad pod przed między i oraz lub albo nie że a proszę powiedz długo często "
        "bardzo"
    ),
    "czech": (
        "kdo koho komu kým čí co čeho čemu čím kdy kde kam odkud proč jak jaký jaká jaké jakého jakou jakým "
        "jakých kolik kolika který která které kterého kterou kterým kterých je jsou byl byla bylo byli bude být "
        "má mají mám měl lze může mohu můžu můžeme musí musím já ty on ona ono my vy oni mě mi můj moje si se ho "
        "jeho její jejich ten ta to tento tato v ve na z ze s u k ke do od po o pro při za nad pod před mezi i a "
        "nebo či ne není že prosím dlouho často"
    ),
    "slovak": (
        "kto koho komu kým čí čo čoho čomu čím kedy kde kam odkiaľ prečo ako aký aká aké akého akú akým akých "
        "koľko ktorý ktorá ktoré ktorého ktorú ktorým ktorých je sú bol bola bolo boli bude byť má majú mám mal "
        "možno môže môžem musí musím ja ty on ona ono my vy oni mňa mi môj moje si sa ho jeho jej ich ten tá to v "
        "vo na z zo s so u k ku do od po o pre pri za nad pod pred medzi i a alebo či nie že prosím dlho často"
    ),
    "croatian": (
        "tko ko koga kome čiji što šta čega čemu čime kada kad gdje gde kamo odakle zašto kako koliko koji koja "
        "koje kojeg kojem koju kojim kojih kakav kakva je su bio bila bilo bili biti ima imaju imam može mogu "
        "možemo mora moram treba ja ti on ona ono mi vi oni me moj moja se ga njegov ovaj ta to u na s sa iz k do "
        "od po o za pri nad pod pred i a ili li ne nije da dugo često molim"
    ),
    "slovene": (
        "kdo koga komu čigav kaj česa čemu kdaj kje kam od zakaj kako koliko kateri katera katero katerega katere "
        "kakšen kakšna kakšno je so bil bila bilo bili biti ima imajo imam lahko mora moram treba jaz ti on ona "
        "mi vi oni me moj moja se ga njegov ta to v na z s iz k do po o za pri nad pod pred in ali ne ni da dolgo"
    ),
    "estonian": (
        "kes keda kelle kellele mis mida mille millal kus kuhu kust miks kuidas kui palju mitu kaua tihti milline "
        "millised kas on oli olid saab saan võib võin peab pean mina ma sina sa tema ta meie me teie te nemad nad "
        "minu ja või ei et see need selle"
    ),
    "latvian": (
        "kas kā kam ko kad kur no kāpēc cik kāds kāda kādi kādas kurš kura vai ir bija būs var varu vajag jā es "
        "tu viņš viņa mēs jūs viņi man mans mana un ne ar uz par pie līdz pēc kopš šis tas tā"
    ),
    "vietnamese": (
        "ai gì nào đâu khi nao sao vì thế như bao nhiêu lâu mấy có không là của và các những được bị cho với từ "
        "tại ở trong ngoài trên dưới về đến đã đang sẽ thì mà này đó kia tôi bạn chúng ta anh chị em ông bà họ nó "
        "mình hay hoặc phải cần thể làm để một cái việc loại vậy xin hãy"
    ),
    "ukrainian": (
        "хто кого кому ким чий чия що чого чому чим який яка яке які якого якої якій яким яких яку котрий коли де "
        "куди звідки навіщо як скільки наскільки чи є був була було були буде бути може можуть можу можна треба "
        "потрібно повинен я ти він вона воно ми ви вони мені мене мій моя мої ваш його її їх цей ця це ці той у в "
        "на з із зі до від за по про для при і й та або не а ж б довго часто будь ласка"
    ),
    "bulgarian": (
        "кой коя кое кои кого какво що какъв каква какви кога къде откъде защо как колко ли е са беше бяха бил "
        "била може мога трябва има няма аз ти той тя то ние вие те мен ми си се го я ги този тази това тези в във "
        "на с със от до за по при и или не да ще а дълго често"
    ),
    "persian": (
        "کی چه چی کدام کجا چرا چگونه چطور چقدر چند چندم آیا است هست هستند بود بودند شد شده شود می توان تواند "
        "توانم باید دارد دارند دارم من تو او ما شما آنها این آن که را در به از با برای تا و یا نه یک های ها چیست "
        "کیست چیزی"
    ),
    "urdu": (
        "کیا کون کس کسے کب کہاں کیوں کیسے کیسا کتنا کتنی کتنے ہے ہیں تھا تھی تھے ہو سکتا سکتی سکتے میں مجھے میرا "
        "آپ وہ یہ اس کا کی کے کو پر نے اور یا نہیں سے تک لیے"
    ),
    "hebrew": (
        "מי מה מהו מהי מהם מתי איפה היכן לאן מאין מדוע למה איך כיצד כמה איזה איזו אילו האם הוא היא הם הן זה זו "
        "זאת אלה היה היתה הייתה היו יהיה יש אין יכול יכולה אפשר ניתן צריך אני אתה את אנחנו לי לך לו שלי שלך של על "
        "אל עם בין או לא כן גם כי אם זמן"
    ),
    "bengali": (
        "কে কি কী কার কাকে কখন কবে কোথায় কেন কীভাবে কিভাবে কত কতটা কতজন কোন কোনটি আছে ছিল হয় করে আমি আপনি তুমি এবং বা না"
    ),
}

# Words of scripts without spaces, to be cut out wherever they stand.
UNSPACED = (
    "为什么 為什麼 是什么 是什麼 什么时候 什麼時候 什么 什麼 甚麼 多少钱 多少錢 多少 多久 多长时间 多長時間 "
    "多长 多長 多大 多远 怎么样 怎麼樣 怎么 怎麼 怎样 怎樣 如何 哪里 哪裡 哪些 哪个 哪個 哪一 哪年 哪 谁 誰 "
    "是否 能否 可否 可以 能不能 有没有 有沒有 吗 嗎 呢 几个 幾個 几 幾 何时 何時 何地 何处 何處 我们 我們 "
    "我的 我 您 你们 你 请问 請問 どのように どのような どうやって どうすれば どうして どのくらい どれくらい "
    "どれだけ いくらですか いくら いくつ いつまで いつ どこで どこに どこ どの どれ どちら どう だれ なぜ "
    "なんで ですか ますか でしょうか ください 何ですか 何時間 何日 何年 何人 何歳 何月 何が 何を 何 とは "
    "について できますか 무엇입니까 무엇인가요 무엇을 무엇이 무엇 얼마나 얼마입니까 얼마인가요 얼마 언제까지 "
    "언제 어디에서 어디서 어디에 어디 어떻게 어떤 어느 누구의 누가 누구 왜 몇 입니까 습니까 인가요 나요 까요 "
    "있나요 เท่าไหร่ เท่าไร เมื่อไหร่ เมื่อไร เมื่อใด อย่างไร ยังไง ที่ไหน ที่ใด ทำไม เพราะอะไร อะไร ใคร กี่ ไหน ใด "
    "หรือไม่ หรือเปล่า ไหม มั้ย ครับ คะ ค่ะ ได้ไหม คือ"
)
