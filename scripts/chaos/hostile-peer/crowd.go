package main

import "time"

// Strangers at each crowded address: more than CometBFT takes in (max_num_inbound_peers, 40).
const crowdSize = 45

// crowd lets strangers come to every crowded address, who stay where they are let in, and come again where they are not.
func crowd(job task, seen *seen) {
	for _, address := range job.Crowded {
		for range crowdSize {
			go func() {
				for {
					if guest, err := connect(address, job.Network, seen); err == nil {
						<-guest.gone
						guest.close()
					}
					time.Sleep(pause)
				}
			}()
		}
	}
}
