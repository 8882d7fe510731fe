//! A libp2p node nobody here wrote: dials ours or is dialled, speaks in a topic, and is reached through ours as a relay.
//! Speaks lines on standard output: "listening ADDRESS", "connected PEER", "heard TEXT", "relayed ADDRESS", "failed WHY".
use std::{env, error::Error, time::Duration};

use either::Either;
use futures::StreamExt;
use libp2p::{
    core::{multiaddr::Protocol, transport::upgrade::Version},
    gossipsub, identify, noise,
    pnet::{PnetConfig, PreSharedKey},
    relay,
    swarm::{NetworkBehaviour, SwarmEvent},
    tcp, yamux, Multiaddr, Swarm, SwarmBuilder, Transport,
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, BufReader};

#[derive(NetworkBehaviour)]
struct Behaviour {
    gossip: gossipsub::Behaviour,
    identify: identify::Behaviour,
    relay: relay::client::Behaviour,
}

/// What follows a flag on the command line.
fn flag(name: &str) -> Option<String> {
    let mut arguments = env::args().skip_while(|given| given != name);
    arguments.next().and_then(|_| arguments.next())
}

fn gossip() -> Result<gossipsub::Behaviour, Box<dyn Error + Send + Sync>> {
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(gossipsub::ValidationMode::Anonymous)
        .message_id_fn(|message| {
            let mut hash = Sha256::new();
            hash.update(message.topic.as_str());
            hash.update([0]);
            hash.update(&message.data);
            gossipsub::MessageId::new(&hash.finalize())
        })
        .build()?;
    Ok(gossipsub::Behaviour::new(gossipsub::MessageAuthenticity::Anonymous, config)?)
}

fn swarm(agent: String, key: Option<PreSharedKey>) -> Result<Swarm<Behaviour>, Box<dyn Error>> {
    let swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_other_transport(|identity| {
            let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
            let fenced = match key {
                Some(key) => Either::Left(
                    tcp.and_then(move |socket, _| PnetConfig::new(key).handshake(socket)),
                ),
                None => Either::Right(tcp),
            };
            Ok(fenced
                .upgrade(Version::V1)
                .authenticate(noise::Config::new(identity)?)
                .multiplex(yamux::Config::default()))
        })?
        .with_relay_client(noise::Config::new, yamux::Config::default)?
        .with_behaviour(|identity, relay| {
            let config = identify::Config::new("ipfs/0.1.0".into(), identity.public());
            Ok(Behaviour {
                gossip: gossip()?,
                identify: identify::Behaviour::new(config.with_agent_version(agent)),
                relay,
            })
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(60)))
        .build();
    Ok(swarm)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = match flag("-psk") {
        Some(text) => {
            let bytes: [u8; 32] = hex::decode(text)?.try_into().map_err(|_| "32 bytes")?;
            Some(PreSharedKey::new(bytes))
        }
        None => None,
    };
    let topic = gossipsub::IdentTopic::new(flag("-topic").unwrap_or_default());
    let mut swarm = swarm(flag("-agent").unwrap_or_default(), key)?;
    swarm.behaviour_mut().gossip.subscribe(&topic)?;
    // Away: only a relay leads here.
    if !env::args().any(|given| given == "-away") {
        swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    }
    let own = *swarm.local_peer_id();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let (command, rest) = line.split_once(' ').unwrap_or((&line, ""));
                match command {
                    "dial" => swarm.dial(rest.parse::<Multiaddr>()?)?,
                    "reserve" => {
                        let through = rest.parse::<Multiaddr>()?.with(Protocol::P2pCircuit);
                        swarm.listen_on(through)?;
                    }
                    // Said to nobody it is lost, and the one who waits says it again.
                    "say" => if let Err(error) = swarm.behaviour_mut().gossip.publish(topic.clone(), rest.as_bytes()) {
                        eprintln!("{error}");
                    },
                    _ => println!("failed no such command"),
                }
            }
            event = swarm.select_next_some() => match event {
                SwarmEvent::NewListenAddr { address, .. } => {
                    if address.iter().any(|part| part == Protocol::P2pCircuit) {
                        println!("relayed {address}");
                    } else {
                        println!("listening {address}/p2p/{own}");
                    }
                }
                SwarmEvent::ConnectionEstablished { peer_id, .. } => println!("connected {peer_id}"),
                SwarmEvent::OutgoingConnectionError { error, .. } => println!("failed {error}"),
                SwarmEvent::Behaviour(BehaviourEvent::Gossip(gossipsub::Event::Message { message, .. })) => {
                    println!("heard {}", String::from_utf8_lossy(&message.data));
                }
                _ => {}
            }
        }
    }
}
