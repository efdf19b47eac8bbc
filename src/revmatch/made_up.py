"""Words of which `revmatch.datasets` makes people up. Nobody here exists."""

from __future__ import annotations

FIRST_NAMES = (
    "Aisha", "Alba", "Amara", "Anders", "Anja", "Ayumi", "Beatriz", "Bilal", "Carlos", "Chiara", "Chloe", "Daniel",
    "Dilnoza", "Eero", "Elif", "Emeka", "Farah", "Femi", "Gita", "Hanna", "Hugo", "Ines", "Ioana", "Isla", "Ivan",
    "Jamal", "Joon", "Jonas", "Kamala", "Kateryna", "Kofi", "Laila", "Lars", "Leilani", "Lucia", "Maeve", "Marek",
    "Mariam", "Mei", "Miguel", "Nadia", "Naveen", "Nia", "Noor", "Olga", "Oskar", "Paolo", "Priya", "Rafael",
    "Rania", "Ruth", "Sanjay", "Sofia", "Tala", "Tariq", "Thandi", "Tomas", "Viktor", "Wanjiru", "Yara", "Yusuf",
    "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Adeyemi", "Almeida", "Andersen", "Aziz", "Banerjee", "Bauer", "Becker", "Bianchi", "Brennan",
    "Castillo", "Chen", "Costa", "Dahl", "Demir", "Diallo", "Dubois", "Eriksen", "Farouk", "Ferreira", "Fischer",
    "Garcia", "Haddad", "Hansen", "Hayashi", "Herrera", "Horvat", "Ito", "Jansen", "Kaya", "Kimani", "Kowalska",
    "Kumar", "Larsen", "Lehmann", "Lindqvist", "Marino", "Mbeki", "Mehta", "Mendes", "Moreau", "Murphy",
    "Nakamura", "Nair", "Novak", "Nwosu", "Okafor", "Olsen", "Park", "Petrov", "Popescu", "Quispe", "Rahman",
    "Rossi", "Sato", "Schmidt", "Silva", "Tanaka", "Tran", "Varga", "Weber", "Yilmaz", "Zhang",
)  # fmt: skip
DEPARTMENTS = (
    "Finance", "Operations", "Technology", "People", "Sales", "Marketing", "Legal", "Research", "Procurement",
    "Logistics", "Service", "Communications",
)  # fmt: skip
DIVISIONS = ("Planning", "Delivery", "Partners", "Insight", "Projects", "Standards")
TITLES = (
    "Apprentice", "Associate", "Specialist", "Senior specialist", "Team lead", "Manager", "Head of division",
    "Director", "Chief executive",
)  # fmt: skip
#: Location, time zone, languages spoken there, and how many of 20 people work there.
LOCATIONS = (
    ("London", "Europe/London", ("en", "en;fr", "en;ur"), 6),
    ("Berlin", "Europe/Berlin", ("de;en", "de", "de;en;tr"), 5),
    ("New York", "America/New_York", ("en", "en;es"), 4),
    ("Bengaluru", "Asia/Kolkata", ("en;hi", "en;kn", "en"), 3),
    ("Singapore", "Asia/Singapore", ("en;zh", "en;ms"), 1),
    ("San Francisco", "America/Los_Angeles", ("en", "en;es", "en;zh"), 1),
)
#: What juniors can show and leaders ask for, most asked for first.
TOPICS = (
    "AI assistants", "data analysis", "social media", "younger customers", "inclusion", "sustainability",
    "digital collaboration", "accessibility", "automation", "short video", "data visualisation", "cybersecurity habits",
    "remote teamwork", "online communities", "prompt writing", "mobile payments", "podcasting", "low-code tools",
    "user research", "generational culture", "mental health at work", "green procurement", "game design", "agile work",
)  # fmt: skip
#: What leaders can show and juniors ask for.
LEADERSHIP = (
    "strategy", "negotiation", "public speaking", "budgeting", "board work", "hiring", "change management", "networking"
)  # fmt: skip
#: Hours that leaders, and others, have in a week; in the order of weekdays.
LEADER_HOURS = (
    "Mon 09:00-11:00", "Mon 15:00-17:00", "Tue 10:00-12:00", "Tue 14:00-15:30", "Tue,Thu 12:00-13:00",
    "Wed 09:00-10:30", "Wed PM", "Thu 08:30-10:00", "Thu 16:00-18:00", "Fri 09:00-10:00", "Fri 13:30-15:00",
)  # fmt: skip
JUNIOR_HOURS = (
    "Mon AM", "Mon PM", "Tue AM", "Tue PM", "Wed day", "Wed 08:00-10:00", "Thu AM", "Thu PM", "Fri AM", "Fri PM",
    "Tue,Thu 08:00-10:00", "Mon-Thu 16:00-18:30", "Mon-Fri 17:00-19:00",
)  # fmt: skip
