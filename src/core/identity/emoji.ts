/** The 64 pictures of short strings, in the order of Matrix's specification: chosen there to be told apart and named by anybody. */
export interface Emoji {
  readonly emoji: string;
  readonly name: string;
}

const TABLE =
  "🐶 Dog,🐱 Cat,🦁 Lion,🐎 Horse,🦄 Unicorn,🐷 Pig,🐘 Elephant,🐰 Rabbit,🐼 Panda,🐓 Rooster,🐧 Penguin,🐢 Turtle,🐟 Fish," +
  "🐙 Octopus,🦋 Butterfly,🌷 Flower,🌳 Tree,🌵 Cactus,🍄 Mushroom,🌏 Globe,🌙 Moon,☁️ Cloud,🔥 Fire,🍌 Banana,🍎 Apple," +
  "🍓 Strawberry,🌽 Corn,🍕 Pizza,🎂 Cake,❤️ Heart,😀 Smiley,🤖 Robot,🎩 Hat,👓 Glasses,🔧 Spanner,🎅 Santa,👍 Thumbs Up," +
  "☂️ Umbrella,⌛ Hourglass,⏰ Clock,🎁 Gift,💡 Light Bulb,📕 Book,✏️ Pencil,📎 Paperclip,✂️ Scissors,🔒 Lock,🔑 Key," +
  "🔨 Hammer,☎️ Telephone,🏁 Flag,🚂 Train,🚲 Bicycle,✈️ Aeroplane,🚀 Rocket,🏆 Trophy,⚽ Ball,🎸 Guitar,🎺 Trumpet," +
  "🔔 Bell,⚓ Anchor,🎧 Headphones,📁 Folder,📌 Pin";

export const EMOJI: readonly Emoji[] = TABLE.split(",").map((entry) => {
  const space = entry.indexOf(" ");
  return { emoji: entry.slice(0, space), name: entry.slice(space + 1) };
});
