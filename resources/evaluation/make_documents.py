#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes documents.jsonl: long documents told by rules from a seed, and four questions about each, in LongBench's layout.

usage: make_documents.py [OUT.jsonl]      (default: documents.jsonl beside this script)
       make_documents.py --check [FILE]   derives every answer again, from the text alone, and compares the whole file

A document is a journey, a museum's book, a lighthouse's log or a day of kites: seven things in order, each with its details among
sentences that are not asked about. The questions are of the datasets "facts" (one sentence tells the answer), "two-step" (one sentence
leads to another, which tells it), "counting" (how many sentences hold a mark) and "ordering" (what comes next or just before).
Every line also has "evidence": the sentences that decide, word for word; for counting, the mark is in each of them and nowhere else.
Plain Python, no package; the same file from every version.
"""
import json, pathlib, random, re, sys

SEED, TEXTS, THINGS = 20240611, 16, 7

FIRST = ('Abel Agnes Alma Anton Astrid Barnaby Beatrix Benno Birgit Casper Celia Cornelius Dagmar Dorian Edda Edmund Elspeth Ewald Fenella Floris Gerda Gideon Gudrun Hester Hilda Ignaz Imogen Irma Jasper Jorunn Kaspar '
         'Konrad Leonie Linus Lorenz Lydia Magda Malcolm Marit Matthias Minna Nestor Odile Olaf Ottilie Otto Pelle Perpetua Petra Quirin Ragna Rasmus Rufus Runa Sigrid Silas Solveig Sunniva Tabitha Theodor Thora Tilda '
         'Ulrich Undine Valentin Vera Viggo Wendel Wilhelm Winifred').split()
LAST = ('Amsel Arkwright Birch Bjelke Brandt Bramble Carver Clay Copperfield Dahl Drost Ebersole Eld Falk Fennimore Garrick Gamble Haddock Halloran Holm Ibsen Jagger Kettering Kolb Larch Lindgren Marlowe Moss Nagel Norling '
        'Oakes Ostrander Pettersen Pike Quill Quist Rask Rowntree Sandoval Stoker Sund Thistle Tolliver Ulf Vance Vold Wainwright Weller Winter Yarrow').split()
TOWNS = [a + b for a, b in zip(
    'Alder Bram Corm Dunnis Elsing Fenn Garr Hollo Ister Kell Lorn Maren Nether Oster Pell Quarn Ravel Sarn Thorn Under Vell Wint Yarl Brack Crool Drim Esker Fal Grim Hurst'.split(),
    'wick ford mouth by holm stead beck mere combe haven dale gate low cliff burn croft wood field garth sey wick ford mouth by holm stead beck mere combe haven'.split())]


class Draws:
    """The same draws from every version of Python: only random() is promised."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def below(self, count):
        return int(self._random.random() * count)

    def pick(self, values):
        return values[self.below(len(values))]

    def some(self, values, count):
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(count)]


class Deck:
    """Sentences that come once each before one comes again."""

    def __init__(self, draws, sentences):
        self._draws, self._sentences, self._left = draws, sentences, []

    def next(self):
        if not self._left:
            self._left = self._draws.some(self._sentences, len(self._sentences))
        return self._left.pop()


def people(draws, count):
    return [f'{a} {b}' for a, b in zip(draws.some(FIRST, count), draws.some(LAST, count))]


def chosen_marks(draws):
    """Which of the things are counted: two to six of them."""
    return set(draws.some(range(THINGS), 2 + draws.below(5)))


def document(draws, opening, paragraphs, fillers, closing, fact):
    """Each paragraph's own sentences in their order, with four or five fillers between and behind them; one also tells the fact."""
    deck, told = Deck(draws, fillers + ASIDES), [opening]
    place = draws.below(THINGS)
    for number, own in enumerate(paragraphs):
        sentences = own + [fact['evidence'][0]] if number == place else list(own)
        for _ in range(4 + draws.below(2)):
            sentences.insert(1 + draws.below(len(sentences)), deck.next())
        told.append(' '.join(sentences))
    return '\n\n'.join(told + [closing])


def line(dataset, question, answer, evidence, **proof):
    return {'input': question, 'answers': [answer], 'dataset': dataset, 'evidence': evidence, **proof}


def neighbour(draws, names, ask_next, ask_before):
    """A question about order: its text, the answer's place, and the other's."""
    if draws.below(2):
        at = draws.below(len(names) - 1)
        return ask_next.format(names[at]), at + 1, at
    at = 1 + draws.below(len(names) - 1)
    return ask_before.format(names[at]), at - 1, at


ASIDES = ['It is odd how long an hour can be when nobody has any use for it.', 'People say such things every year, and every year they are surprised.', 'There would be more to tell about this, but it would not be kinder.', 'Of the weather it is enough to say that there was some.',
          'Nobody asked why, and so nobody had to explain.', 'One gets used to most things, and misses them afterwards.', 'A clean table is half the work, and the other half is keeping it clean.', 'Good advice was given on all sides and taken on none.',
          'What is lost in the morning is seldom found before supper.', 'The rest is a matter of taste, or at least of patience.', 'It was quiet enough to hear the paint dry.', 'Anyone who knows better may write it in the margin.',
          'Patience is a kind of work, though it is never paid by the day.', 'There is always somebody who has seen a bigger one.', 'A thing that is written down is forgotten more slowly.', 'For the price of a bun one could have heard the whole story.']


# Single facts: what is asked about, the sentence, the question, and the answers that are drawn from.

FACTS = [
    ("ferryman's dog", "The name of the {0} is {1}.", "What is the name of the {0}?", ['Biscuit', 'Captain', 'Pepper', 'Marzipan']),
    ('favourite food of the beekeeper', 'The {0} is {1}.', 'What is the {0}?', ['pickled beetroot', 'fried potatoes', 'cold pancakes', 'cheese with onions']),
    ('spare key of the bathhouse', 'The {0} is kept under {1}.', 'Where is the {0} kept?', ['the blue flower pot', 'a loose brick by the pump', 'the third step', 'a stone frog']),
    ('password of the night watch', 'The {0} is {1}.', 'What is the {0}?', ['gooseberry', 'cinnamon', 'thunderbolt', 'peppermint']),
    ('cash box of the chess club', 'The {0} is hidden in {1}.', 'Where is the {0} hidden?', ['a hollow oak', 'an old beehive', 'the church organ', 'a rain barrel']),
    ("doctor's house", 'The {0} is painted {1}.', 'In which colour is the {0} painted?', ['bright orange', 'pale green', 'dark purple', 'lemon yellow']),
    ("postman's horse", 'The {0} is called {1}.', 'What is the {0} called?', ['Admiral', 'Hercules', 'Buttercup', 'Major']),
    ('saffron of the cook', 'The {0} is kept in {1}.', 'Where is the {0} kept?', ['an old violin case', 'a pewter jug', 'the sewing box', 'a locked teapot']),
    ('largest pumpkin of the year', 'The {0} weighed {1}.', 'How much did the {0} weigh?', ['91 pounds', '64 pounds', '78 pounds', '53 pounds']),
    ('rent of the clockmaker', 'The {0} is paid in {1}.', 'In what is the {0} paid?', ['smoked eels', 'goose eggs', 'firewood', 'silver spoons']),
    ('winner of the rowing race', 'The {0} was {1}.', 'Who was the {0}?', ['Nora Blum', 'Emmett Gray', 'Clara Fuchs', 'Tobias Reed']),
    ('motto of the fire brigade', 'The {0} is: {1}.', 'What is the {0}?', ['slow but certain', 'water before words', 'never run downhill', 'boots on at night']),
    ('medicine for the hoarse singer', 'The {0} was {1}.', 'What was the {0}?', ['warm honey with sage', 'black radish juice', 'elder tea with ginger', 'milk with garlic']),
    ('hobby of the judge', 'The {0} is {1}.', 'What is the {0}?', ['carving ducks', 'growing cactuses', 'building bird houses', 'collecting buttons']),
    ('song of the bell ringers', 'The {0} is about {1}.', 'What is the {0} about?', ['a drowned piano', 'a lazy weaver', 'two stubborn goats', 'a stolen pudding']),
    ('old stone bridge', 'The {0} was built in the year {1}.', 'In which year was the {0} built?', ['1731', '1689', '1804', '1752']),
]


# A journey.

GOODS = ['a brass compass', 'a woollen blanket', 'a pair of red boots', 'a silver whistle', 'a jar of plum jam', 'a wooden flute', 'a straw hat', 'a leather map case', 'a copper kettle', 'a box of candles', 'a green umbrella', 'a clay pipe',
         'a linen scarf', 'a pocket mirror', 'a bag of walnuts', 'a small lantern', 'a bone comb', 'a tin cup', 'a fishing line', 'a velvet purse']
ROAD = ['The road was dry and the hedges were full of sparrows.', 'It rained until noon, and after that the fields steamed like a kitchen.', 'I ate bread and hard cheese on a wall and watched a man mend a gate.',
        'The children of the place ran beside me for a while and asked what I carried.', 'The inn was clean, though the stairs complained at every step.', 'Supper was barley soup, and nobody at the long table spoke before it was gone.',
        'I slept badly, because the church clock struck every quarter and was not ashamed of it.', 'In the morning the window was white with frost, and somebody had already swept the yard.', 'My left heel hurt, so I went slowly and looked at the orchards.',
        'A dog followed me to the last house and then sat down as if it had come to a wall.', 'The market was nearly over, and the women were packing their baskets.', 'I wrote two letters under a lime tree and forgot one of them on the bench.',
        'The baker let me sit beside the oven until my coat was dry.', 'Everybody spoke of the harvest, and nobody agreed about it.', 'There was a fair on the green, with a bear that turned out to be two brothers in a rug.',
        'The well in the square had a lid of iron and a rope as thick as my wrist.', 'I had meant to draw the old gatehouse, but my fingers were too cold for the pencil.', 'An old soldier showed me his garden, which had nothing in it but cabbages and a cannon.',
        'The hills on the left grew higher and the farms fewer.', 'I counted my money in the evening, and it was a short pleasure.', 'Someone was practising the trumpet behind a closed shutter, always the same five notes.',
        'The landlady would not hear of payment before breakfast.', 'Swallows were sitting on the roof of the town hall, and the clerk said that they would leave within the week.', 'A cart with hay stood across the lane, and its horse looked at me as if I had put it there.',
        'In the evening the fog came up from the meadows and put out the windows one by one.', 'I met a pedlar who sold needles and told me the news of three valleys for nothing.', 'The bread there is baked with caraway, and one gets used to it.',
        'For an hour I walked beside a stream that could not decide between two beds.']


def journey(draws, fact):
    towns = draws.some(TOWNS, THINGS)
    births = draws.some([t for t in TOWNS if t not in towns], THINGS)
    goods, sellers = draws.some(GOODS, THINGS), people(draws, THINGS)
    arrivals = Deck(draws, ['I came to {} late in the day.', 'The next place was {}, which lies in a bend of the valley.', 'From there I went on to {}.', 'After that I reached {}.', '{} was where I rested then.', 'My way led me to {} afterwards.', 'Then came {}.'])
    buys = Deck(draws, ['In {town} I bought {thing} from {who}.', '{who} of {town} sold me {thing}.', 'At a stall in {town} I bought {thing}, and the seller was called {who}.'])
    ferried = Deck(draws, ['I had crossed the water by ferry to get there.', 'The last mile was by ferry, among sheep.', 'It was a short trip by ferry, and it cost a penny.', 'I arrived by ferry with a crowd of schoolboys.',
                           'There is no bridge, so one comes by ferry.', 'I travelled that stretch by ferry and was nearly sick.'])
    walked = Deck(draws, ['I had walked all the way.', 'A farmer had taken me along on his cart.', 'It had been a dusty march of four hours.', 'The mail coach had carried me the last part.', 'I came over the hill on foot.'])
    marked = chosen_marks(draws)
    arrive = [f'The first place I came to was {towns[0]}.'] + [arrivals.next().format(t) for t in towns[1:]]
    legs = [(ferried if i in marked else walked).next() for i in range(THINGS)]
    bought = [buys.next().format(town=towns[i], thing=goods[i], who=sellers[i]) for i in range(THINGS)]
    born = Deck(draws, ['{who}, I was told, was born in {place}.', 'The birthplace of {who} is {place}.', '{who} was born in {place}, a long way off.'])
    births_told = [born.next().format(who=sellers[i], place=births[i]) for i in range(THINGS)]
    mixed = draws.some(births_told, THINGS)
    paragraphs = [[f'{arrive[i]} {legs[i]}', bought[i]] for i in range(THINGS)]
    paragraphs += [['At home I asked about the people who had sold me things.'] + mixed[:4], ['My sister, who knows everybody, could tell me more.'] + mixed[4:]]
    name = people(draws, 1)[0]
    text = document(draws, f'The notes of {name}, who walked through the seven towns in the spring of the year and wrote every evening, as far as there was light. I set out alone, with a stick and a bag, because the doctor had advised walking '
                    'and my aunt had advised against it.', paragraphs, ROAD, 'That was the whole of it. The stick stands behind the door, and the bag has been given to my nephew, who means to walk farther.', fact)
    step = draws.below(THINGS)
    ask, answer, other = neighbour(draws, towns, 'Which town did the traveller reach right after {}?', 'Which town did the traveller reach right before {}?')
    return text, [fact, line('two-step', f'Where was the person born who sold {goods[step].replace("a ", "the ", 1)}?', births[step], [bought[step], births_told[step]], bridge=sellers[step]),
                  line('counting', 'How many times did the traveller go by ferry?', str(len(marked)), [legs[i] for i in sorted(marked)], mark='by ferry'),
                  line('ordering', ask, towns[answer], [arrive[i] for i in sorted((answer, other))], asked=towns[other])]


# A museum's book.

THINGS_SHOWN = ['bell', 'loom', 'saddle', 'globe', 'harp', 'anchor', 'cradle', 'sundial', 'telescope', 'drum', 'mask', 'plough', 'chess set', 'weathercock', 'sledge', 'barometer', 'throne', 'quilt', 'cannon', 'printing press']
ROOMS = ['the north room', 'the cellar', 'the tower room', 'the long gallery', 'the old kitchen', 'the hall of mirrors', 'the reading room', 'the winter garden', 'the attic', 'the chapel', 'the blue room', 'the gatehouse']
MUSEUM = ['The moths were worse than in any year before, and lavender did not trouble them.', 'A school came on Tuesday and left eleven caps behind.', 'The roof over the stairs was mended with lead and good intentions.', 'We agreed to dust on Mondays and to complain on Fridays.',
          'The cat, who belongs to nobody, has been entered as staff.', 'A visitor asked for the way out and stayed another two hours.', 'The committee met, drank tea, and put off the question of the curtains.', 'There was a long letter about the labels, most of it about commas.',
          'The stove smoked until the sweep came and took a nest out of the chimney.', 'We sold nine postcards and a walking stick that had been forgotten.', 'The glass of the second case was cleaned on both sides, which had never been done.', 'Some of the neighbours object to the flag, and some to the pole.',
          'The new key does not fit, but the old one has been found in the piano.', 'A painter sat in the yard for three days and drew nothing but the gutter.', 'The guide has learned to speak more softly since the baby in the next house was born.', 'The catalogue is finished as far as the letter M.',
          'The floor was waxed, and the first gentleman of the morning sat down on it.', 'Two benches were given by the brewery, and they smell of it.', 'The lamp at the entrance burns again.', 'A professor praised our order, and then could not find his hat.',
          'It was decided to open at ten, since nobody had ever come before.', 'The gardener found a coin under the pear tree and kept it for us in his pocket until Easter.', 'We do not lend to the theatre any more, for reasons that are written elsewhere.', 'The damp in the east wall has the shape of a hare.',
          'The ladder is to be carried by two people, or not at all.', 'Visitors are asked not to whistle in front of the portraits.', 'The mayor has promised a new door for the third time.', 'The wind took four tiles, and we have three of them back.']


def museum(draws, fact):
    things, rooms, donors = draws.some(THINGS_SHOWN, THINGS), draws.some(ROOMS, THINGS), people(draws, THINGS)
    comes = ['The first to come into the house was the {}.', 'Next we received the {}.', 'The {} was the next thing to be entered in this book.', 'After it came the {}.', 'Then the {} was brought.', 'Later in the same year we were given the {}.', 'The {} followed in autumn.']
    middle = Deck(draws, comes[1:])
    arrive = [comes[0].format(things[0])] + [middle.next().format(t) for t in things[1:]]
    gives = Deck(draws, ['We owe the {thing} to {who}.', '{who} gave us the {thing}.', 'The {thing} is a gift of {who}.', 'It was {who} who gave the {thing}.'])
    given = [gives.next().format(thing=things[i], who=donors[i]) for i in range(THINGS)]
    copper = Deck(draws, ['It is made of copper and has turned green.', 'The whole piece is made of copper.', 'It is made of copper, except for a few nails.', 'What looks like gold is made of copper.', 'Every part of it is made of copper.', 'It is made of copper and heavier than it looks.'])
    others = Deck(draws, ['It is made of oak.', 'It is made of iron, with a little rust.', 'Most of it is made of leather.', 'It is made of walnut and bone.', 'It is made of pine, and painted.'])
    marked = chosen_marks(draws)
    made = [(copper if i in marked else others).next() for i in range(THINGS)]
    stands = Deck(draws, ['The {thing} stands in {room}.', 'In {room} one finds the {thing}.', 'The {thing} has its place in {room}.'])
    placed = [stands.next().format(thing=things[i], room=rooms[i]) for i in range(THINGS)]
    placed = [p[0].upper() + p[1:] for p in placed]
    mixed = draws.some(placed, THINGS)
    paragraphs = [[arrive[i], f'{given[i]} {made[i]}'] for i in range(THINGS)]
    paragraphs += [['Here is the round that the keeper makes at night.'] + mixed[:4], ['On the way back he passes the rest.'] + mixed[4:]]
    town = draws.pick(TOWNS)
    text = document(draws, f'From the book of the museum of {town}, kept by three keepers one after another, in three colours of ink. It lists what came into the house, from whom, and where it stands now, and it says a number of things that a list need not say.',
                    paragraphs, MUSEUM, 'Here the third keeper laid down his pen. The book is shown on request, and the request is to be made in writing.', fact)
    step = draws.below(THINGS)
    ask, answer, other = neighbour(draws, things, 'Which thing came to the museum right after the {}?', 'Which thing came to the museum right before the {}?')
    return text, [fact, line('two-step', f'In which part of the museum is the gift of {donors[step]}?', rooms[step], [given[step], placed[step]], bridge=things[step]),
                  line('counting', 'How many of the things are made of copper?', str(len(marked)), [made[i] for i in sorted(marked)], mark='made of copper'),
                  line('ordering', ask, things[answer], [arrive[i] for i in sorted((answer, other))], asked=things[other])]


# A lighthouse's log.

SHIPS = ['Petrel', 'Morning Star', 'Good Hope', 'Harrier', 'Blue Heron', 'Margarethe', 'Sea Thistle', 'Fortune', 'Nightingale', 'Old Faithful', 'Kittiwake', 'Silver Eel', 'Constance', 'Red Falcon', 'Patience', 'Winter Rose', 'Halcyon', 'Osprey']
CARGOES = ['salted herring', 'roof slates', 'apples and cider', 'timber', 'wool', 'coffee', 'church organs', 'lamp oil', 'potatoes', 'marble', 'sugar', 'tobacco', 'seed corn', 'window glass', 'rope', 'bricks', 'oranges', 'copper ore']
LOG = ['The lamp was trimmed twice, and the second time it was grateful.', 'Wind from the west, and by evening the spray reached the gallery.', 'My assistant has a cold and plays the concertina in spite of it.', 'The gulls have learned at what hour we throw out the peelings.',
       'Fog lay on the rocks until ten, so thick that I could not see my own railing.', 'We painted the door, and the wind painted the wall with what was left.', 'I read the almanac, which was wrong again.', 'A seal lay on the landing all afternoon and looked like a sack with opinions.',
       'There is flour for three weeks and tea for two.', 'The new glass has a bubble in it, and the bubble has become a friend.', 'Nothing was to be seen at dusk but the line where the sea stops.', 'Thunder behind the island, but it kept its distance.',
       'The stairs have a hundred and forty steps, and I have spoken with each of them.', 'We caught a cod as long as the table and ate it for four days.', 'The clock was set by the sun, as far as there was any.', 'My wife writes that the roof at home has been mended.',
       'A crate came ashore with nothing in it but straw and a wet cat.', 'I oiled the machine and burned my sleeve.', 'The ebb was lower than I have seen it in nine years.', 'Stars all night, and no moon to disturb them.', 'The assistant has put a garden into a barrel: six onions, one of them in flower.',
       'Swell from the south without any wind, which means weather somewhere else.', 'The inspector is expected, and so the brass is polished.', 'Hail in the night, as big as peas, on the glass and on my temper.', 'We heard the bell of the mainland, so it must be Sunday.',
       'The bread was hard, and we gave it to the soup.', 'I saw a light where no light should be, and it was the evening star.', 'A calm day, and therefore the longest.']


def lighthouse(draws, fact):
    ships, cargoes, captains, ports = draws.some(SHIPS, THINGS), draws.some(CARGOES, THINGS), people(draws, THINGS), draws.some(TOWNS, THINGS)
    passes = ['At the beginning of the month the {} passed.', 'The next ship to pass was the {}.', 'Two days later the {} went by.', 'Then we saw the {}.', 'After her came the {}.', 'The {} passed next, close under the rocks.', 'The following ship was the {}.']
    middle = Deck(draws, passes[1:])
    passed = [passes[0].format(ships[0])] + [middle.next().format(s) for s in ships[1:]]
    carries = Deck(draws, ['The {ship} carried {cargo}.', 'The cargo of the {ship} was {cargo}.', 'On board the {ship} there was {cargo}.'])
    carried = [carries.next().format(ship=ships[i], cargo=cargoes[i]) for i in range(THINGS)]
    asked = Deck(draws, ['She asked for a pilot.', 'Her flag asked for a pilot, and he went out grumbling.', 'She asked for a pilot with three blasts of her horn.', 'Before the reef she asked for a pilot.', 'Toward evening she asked for a pilot.', 'She asked for a pilot and waited an hour.'])
    silent = Deck(draws, ['She dipped her flag and kept her course.', 'She needed nothing from us.', 'She knew the channel and did not slow down.', 'She answered our signal and was gone.', 'She sailed through the narrows as if on rails.'])
    marked = chosen_marks(draws)
    pilots = [(asked if i in marked else silent).next() for i in range(THINGS)]
    commands = Deck(draws, ['Captain of the {ship} was {who}.', 'The {ship} sailed under {who}.', '{who} commanded the {ship}.'])
    commanded = [commands.next().format(ship=ships[i], who=captains[i]) for i in range(THINGS)]
    homes = Deck(draws, ['The home of the {ship} is the port of {port}.', 'The {ship} comes from {port}.', 'In the register the {ship} is entered at {port}.'])
    homed = [homes.next().format(ship=ships[i], port=ports[i]) for i in range(THINGS)]
    mixed = draws.some(homed, THINGS)
    paragraphs = [[f'{passed[i]} {carried[i]}', f'{commanded[i]} {pilots[i]}'] for i in range(THINGS)]
    paragraphs += [['At the end of the month I copied the home ports from the register, as is the rule.'] + mixed[:4], ['The rest of the list filled the next page.'] + mixed[4:]]
    keeper = people(draws, 1)[0]
    text = document(draws, f'The log of the lighthouse on the Skerry, for one month, in the hand of the keeper {keeper}. Only ships that came near enough to be named are entered, and besides them the weather, the stores, and whatever else there is to say on a rock.',
                    paragraphs, LOG, 'The month is full, and the page is too. I have signed it, and the assistant has put a blot beside my name.', fact)
    step = draws.below(THINGS)
    ask, answer, other = neighbour(draws, ships, 'Which ship passed right after the {}?', 'Which ship passed right before the {}?')
    return text, [fact, line('two-step', f'From which port is the ship of Captain {captains[step]}?', ports[step], [commanded[step], homed[step]], bridge=ships[step]),
                  line('counting', 'How many ships asked for a pilot?', str(len(marked)), [pilots[i] for i in sorted(marked)], mark='asked for a pilot'),
                  line('ordering', ask, ships[answer], [passed[i] for i in sorted((answer, other))], asked=ships[other])]


# A day of kites.

KITES = ['a dragon', 'a fish', 'an owl', 'a red star', 'a paper boat', 'a windmill', 'a green frog', 'a teapot', 'a swan', 'a clown', 'a black cat', 'a bumblebee', 'a crown', 'a yellow moon', 'a snail', 'a rooster', 'a castle', 'an umbrella']
HOUSES = ['the mill', 'the post office', 'the old school', 'the bridge', 'the tannery', 'the smithy', 'the bakery', 'the toll house', 'the brick works', 'the pharmacy', 'the fire station', 'the cider press']
KITE = ['The brass band played a march and then, because they liked it, the same march.', 'The wind came in pushes, like somebody who wants to get past.', 'There were sausages, and a queue for sausages, and a dog at the end of the queue.', 'The vicar held his hat with one hand and his speech with the other.',
        'A cloud stood over the church and was looked at with suspicion.', 'The judges sat on a hay wagon and had a bell, which they rang too often.', 'Somebody had brought a ladder, in case of trees.', 'The lemonade was warm, and so was the applause.',
        'Grandmothers sat along the wall with blankets and passed judgement before the judges did.', 'The meadow was wet from the night, and shoes were left in a row by the fence.', 'A small boy cried because the sky was too high.', 'The teacher explained why things fly, until his own sheet of notes proved it.',
        'Two families argued about a place under the chestnut tree.', 'The cows were moved to the next field and watched from there.', 'A man from the newspaper wrote down names and spelled them his own way.', 'The string was of good hemp, bought by the parish.',
        'At noon everybody ate, and the wind had a rest as well.', 'The swifts flew between the strings and never touched one.', 'The mayor began to speak, and the band, by mistake, began to play.', 'There was a prize for the youngest visitor, who slept through it.',
        'Someone sold paper flowers, and someone else sold paper.', 'The old flagpole creaked, and mothers called their children away from it.', 'The shadow of the hill reached the river, and it became cooler.', 'The rope around the field was taken down by people who wanted to be nearer.',
        'A pot of soup had been put up for the flyers, and it was empty by two.', 'The sun came out for the length of a song.', 'The photographer asked everyone to stand still, which the sky did not.', 'Lanterns were hung in the lime tree for later.']


def kites(draws, fact):
    names = people(draws, 2 * THINGS)
    flyers, catchers = names[:THINGS], names[THINGS:]
    shapes, houses = draws.some(KITES, THINGS), draws.some(HOUSES, THINGS)
    flies = ['The first to fly was {}.', 'Next on the meadow was {}.', 'Then the bell rang for {}.', 'After that it was the turn of {}.', '{} followed.', 'The judges then called {}.', '{} was the next to run.']
    middle = Deck(draws, flies[1:])
    flown = [flies[0].format(flyers[0])] + [middle.next().format(f) for f in flyers[1:]]
    looks = Deck(draws, ['The kite of {who} had the shape of {shape}.', '{who} had built a kite that looked like {shape}.', 'What {who} let rise was {shape} of paper and sticks.'])
    looked = [looks.next().format(who=flyers[i], shape=shapes[i]) for i in range(THINGS)]
    tears = Deck(draws, ['The string broke with a sound like a plucked hair.', 'Just over the poplars the string broke.', 'A gust came, and the string broke.', 'The string broke before anyone had counted to ten.', 'In the highest moment the string broke.', 'Nobody touched it, and yet the string broke.'])
    holds = Deck(draws, ['It stood in the air for nearly half an hour.', 'It climbed until it was a dot.', 'It turned twice and came down like a lady.', 'It flew well and was wound in by hand.', 'It rose slowly and did not want to come back.'])
    marked = chosen_marks(draws)
    strings = [(tears if i in marked else holds).next() for i in range(THINGS)]
    finds = Deck(draws, ['In the end the kite of {who} was brought back by {finder}.', 'It was {finder} who carried the kite of {who} home.', '{finder} brought the kite of {who} back across the fields.'])
    found = [finds.next().format(who=flyers[i], finder=catchers[i]) for i in range(THINGS)]
    lives = Deck(draws, ['{finder} lives next to {house}.', 'The house of {finder} is next to {house}.', 'Next to {house} lives {finder}.'])
    lived = [lives.next().format(finder=catchers[i], house=houses[i]) for i in range(THINGS)]
    mixed = draws.some(lived, THINGS)
    paragraphs = [[flown[i], f'{looked[i]} {strings[i]}', found[i]] for i in range(THINGS)]
    paragraphs += [['The people who had brought the kites back were invited to supper, and the parish clerk wrote down where each was to be fetched.'] + mixed[:4], ['The second carriage went to the others.'] + mixed[4:]]
    town = draws.pick(TOWNS)
    text = document(draws, f'A report on the day of kites in {town}, written for those who were ill, away, or in the sausage tent. Seven had entered, and they flew one after another, so that each could be seen and nobody had to hurry.',
                    paragraphs, KITE, 'The prize was shared, as it is every year, and the losers were as pleased as the winners. So ended the day.', fact)
    step = draws.below(THINGS)
    ask, answer, other = neighbour(draws, flyers, 'Who flew a kite right after {}?', 'Who flew a kite right before {}?')
    return text, [fact, line('two-step', f'Next to what does the person live who brought back the kite of {flyers[step]}?', houses[step], [found[step], lived[step]], bridge=catchers[step]),
                  line('counting', 'How many times did a string break?', str(len(marked)), [strings[i] for i in sorted(marked)], mark='the string broke'),
                  line('ordering', ask, flyers[answer], [flown[i] for i in sorted((answer, other))], asked=flyers[other])]


def single_fact(draws, told):
    subject, sentence, question, answers = told
    answer = draws.pick(answers)
    return line('facts', question.format(subject), answer, [sentence.format(subject, answer)], asked=subject)


def make():
    """All lines. The proof of an answer, which --check uses, is not written."""
    lines = []
    for number in range(TEXTS):
        draws = Draws(SEED + number)
        text, questions = (journey, museum, lighthouse, kites)[number % 4](draws, single_fact(draws, FACTS[number % len(FACTS)]))
        for question in questions:
            question['context'] = text
            question['_id'] = f'{question["dataset"]}-{number + 1}'
            lines.append(question)
    return lines


def written(question):
    keys = ('_id', 'dataset', 'context', 'input', 'answers', 'evidence')
    return json.dumps({**{k: question[k] for k in keys}, 'all_classes': None}, ensure_ascii=False)


def check(question):
    """Derives the answer from the text."""
    text, evidence, answer, asked = question['context'], question['evidence'], question['answers'][0], question['input']
    assert text.isascii()
    sentences = [s for paragraph in text.split('\n\n') for s in paragraph.replace('. ', '.\n').split('\n')]
    for sentence in evidence:
        assert sentences.count(sentence) == 1 or question['dataset'] == 'counting', sentence
    if question['dataset'] == 'facts':  # one sentence names what is asked about and the answer; no other names the answer
        assert [s for s in sentences if re.search(rf'\b{answer}\b', s, re.IGNORECASE)] == evidence
        assert question['asked'] in evidence[0] and question['asked'] in asked
    elif question['dataset'] == 'two-step':  # the first leads to the second by one name, and neither alone is enough
        first, second = evidence
        assert question['bridge'] in first and question['bridge'] in second and question['bridge'] not in asked
        assert answer.lower() in second.lower() and answer.lower() not in first.lower() and answer.lower() not in asked.lower()
    elif question['dataset'] == 'counting':
        mark = question['mark'].lower()
        assert int(answer) == text.lower().count(mark) == len(evidence) and all(mark in s.lower() for s in evidence)
    else:  # the sentences begin neighbouring paragraphs, each of which introduces one thing
        first, second = evidence
        after = ' right after ' in asked
        assert question['asked'] in (first if after else second) and answer in (second if after else first) and question['asked'] in asked
        paragraphs = [p.split('\n')[0] for p in text.split('\n\n')]
        at = [next(i for i, p in enumerate(paragraphs) if p.startswith(s)) for s in evidence]
        assert at[1] == at[0] + 1 and answer not in asked


def main():
    checks = '--check' in sys.argv
    paths = [a for a in sys.argv[1:] if a != '--check']
    path = pathlib.Path(paths[0]) if paths else pathlib.Path(__file__).with_name('documents.jsonl')
    lines = make()
    text = ''.join(written(q) + '\n' for q in lines)
    if not checks:
        path.write_text(text)
        return
    for question in lines:
        check(question)
    assert path.read_text() == text, f'{path} is not what this script makes'
    print(f'{path}: {len(lines)} questions hold')


if __name__ == '__main__':
    main()
